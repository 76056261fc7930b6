"""Apply the plugin's patches to this process, as its own roots do it.

A root is a package that imports the modules that patch. Its statements are run one by one: where a
module cannot be imported here, that is noted, and the next statement is run.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

_PATCHES = "vllm_ascend.patch"


@dataclass(kw_only=True)
class Applied:
    """What a process has of the plugin.

    Attributes:
        modules: the modules that patch, in the order in which they were imported.
        failures: the ones that cannot be imported here, with the reason.
    """

    modules: list[str] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)


def apply_patches(roots: list[str]) -> Applied:
    """Import what the roots import.

    Args:
        roots: the names of the packages, in order, below `vllm_ascend.patch`; or of a module that
            something else of the plugin imports.
    """
    applied = Applied()
    for root in roots:
        spec = importlib.util.find_spec(root)
        if spec is None or spec.origin is None:
            raise ModuleNotFoundError(root)
        if spec.submodule_search_locations is None:
            importlib.import_module(root)
            applied.modules.append(root)
            continue
        module = _empty(root)
        statements = ast.parse(Path(spec.origin).read_text("utf-8")).body
        _run(statements, module, applied, spec.origin)
    return applied


def _empty(root: str) -> ModuleType:
    """Put the package there, before its statements are run."""
    parent = importlib.import_module(_PATCHES)
    spec = importlib.util.find_spec(root)
    module = importlib.util.module_from_spec(spec)
    sys.modules[root] = module
    setattr(parent, root.rpartition(".")[2], module)
    return module


def _run(statements: list[ast.stmt], module: ModuleType, applied: Applied, filename: str) -> None:
    for statement in statements:
        if isinstance(statement, ast.If):
            code = compile(ast.Expression(statement.test), filename, "eval")
            chosen = statement.body if eval(code, vars(module)) else statement.orelse  # noqa: S307
            _run(chosen, module, applied, filename)
        elif isinstance(statement, ast.Try):
            _run(statement.body, module, applied, filename)
        else:
            _execute(statement, module, applied, filename)


def _execute(statement: ast.stmt, module: ModuleType, applied: Applied, filename: str) -> None:
    code = compile(ast.Module([statement], []), filename, "exec")
    patches = isinstance(statement, ast.Import) and statement.names[0].name.startswith(_PATCHES)
    name = statement.names[0].name if patches else ""
    try:
        exec(code, vars(module))  # noqa: S102 - it is the plugin's own
    except Exception as error:
        if not patches:
            raise
        applied.failures[name] = f"{type(error).__name__}: {error}"
    else:
        if patches:
            applied.modules.append(name)
