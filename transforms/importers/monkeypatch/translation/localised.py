"""A name that the functions of one module import for themselves, each when it is called.

This is what a binding of a module's name comes to, seen from the functions that look it up: for a
class or a compiled kernel of the plugin, which no function of vLLM can stand for.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.engine.apply import splice
from transforms.engine.patterns.metavariables import PatternError
from transforms.engine.site import Site
from transforms.engine.syntax.definition import Function, docstring
from transforms.engine.syntax.enclosing import enclosing
from transforms.engine.syntax.indentation import indented
from transforms.engine.syntax.scope import Scope, locate
from transforms.engine.syntax.source import Source, files_with
from transforms.importers.errors import UnexplainedError
from transforms.importers.monkeypatch.translation.result import CannotError, NeedsNothingError
from transforms.importers.monkeypatch.translation.shrinking import (
    OneFile,
    captured,
    excerpt,
    holds,
)
from transforms.importers.monkeypatch.translation.uses import uses

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transforms.engine.edit import Edit
    from transforms.importers.monkeypatch.translation.setting import Setting


def localised(name: str, lines: Sequence[str], module: str, setting: Setting) -> tuple[Edit, ...]:
    """Write the edits that let each function of a module import a name for itself.

    Args:
        name: the name.
        lines: the statements that import it, flush left.
        module: the module of vLLM.
        setting: all that is read.

    Raises:
        CannotError: the module itself asks for the name when it is imported, or nothing does.
    """
    source = setting.source(module)
    edits: list[Edit] = []
    for node in _asking(name, source):
        edits += _with_import(node, "\n".join(lines), source, setting)
    if not edits and not _is_imported(name, module, setting):
        raise NeedsNothingError(f"no module of vLLM asks for {module}.{name}")
    if not edits:
        raise CannotError(f"nothing in {module} asks for {name!r}, and other modules import it")
    return tuple(edits)


def _is_imported(name: str, module: str, setting: Setting) -> bool:
    """Tell whether another file may ask a module for a name."""
    last = module.rpartition(".")[2]
    own = setting.source(module).path
    found = files_with(setting.tree, (name.encode(), last.encode()))
    return any(path != own for path in found)


def _asking(name: str, source: Source) -> Iterator[Function]:
    """Give the outermost functions that ask for a name."""
    waiting: list[ast.stmt] = list(source.module.body)
    while waiting:
        node = waiting.pop(0)
        found = [item for item in uses([node]) if item.name == name and not item.is_annotation]
        if not found or isinstance(node, (ast.Import, ast.ImportFrom)):
            continue
        if any(item.assigns for item in found):
            raise CannotError(f"{source.path}:{node.lineno} binds the global name {name!r}")
        if isinstance(node, Function):
            if any(item.is_eager for item in found):
                raise CannotError(_eager(name, source, node.lineno))
            yield node
        elif isinstance(node, ast.ClassDef):
            heads = [*node.bases, *node.decorator_list, *node.keywords]
            if any(item.name == name for item in uses(heads)):
                raise CannotError(_eager(name, source, node.lineno))
            waiting = [*node.body, *waiting]
        else:
            raise CannotError(_eager(name, source, node.lineno))


def _eager(name: str, source: Source, line: int) -> str:
    return f"{source.path}:{line} asks for {name!r} when vLLM is imported"


def _with_import(node: Function, code: str, source: Source, setting: Setting) -> tuple[Edit, ...]:
    path = tuple(item.name for item in enclosing(source.module, node))
    small = Source(source.path, excerpt(source, node))
    there = locate(Scope(source.path, path), small, OneFile(source.path, b""))
    if not isinstance(there, Function):
        raise CannotError(f"{'.'.join(path)} is defined more than once")
    said = docstring(there)
    body = [item for item in there.body if item is not said] or there.body
    start = small.statement_span(body[0]).start
    margin = small.indentation(start)
    text = indented(code, margin, first=False)
    site = Site(
        path=source.path,
        start=start,
        end=start,
        replacement=small.encoded(f"{text}\n{margin}"),
        line=body[0].lineno,
    )
    try:
        edits = captured(small, splice(small.data, [site]), setting.release)
    except (UnexplainedError, PatternError) as error:
        raise CannotError(str(error)) from error
    if not holds(edits, setting):
        raise CannotError(f"no edit puts an import into {'.'.join(path)}")
    return edits
