"""A module that imports from Triton what an old Triton lacks stops: let it come by a stand-in.

From 0.27.0 on `vllm/triton_utils/__init__.py` imports Gluon, and with it nothing of vLLM that has a
kernel can be imported. `vllm/wheelwright_triton_imports.py` gives what Triton has, the very object,
or a stand-in for it: one that does the same on old Triton, or one that raises when it is used.

Before::

    import triton
    from triton.experimental import gluon
    from triton.experimental.gluon import language as gl
    from triton.language.core import _aggregate as aggregate  # noqa: E501

After::

    import triton
    from vllm.wheelwright_triton_imports import gluon
    from vllm.wheelwright_triton_imports import gluon_language as gl
    from vllm.wheelwright_triton_imports import aggregate  # noqa: E501

What the line has stays where it is.

Before::

    def install():
        from triton.runtime.errors import OutOfResources, PTXASError

After::

    def install():
        from vllm.wheelwright_triton_imports import PTXASError
        from triton.runtime.errors import OutOfResources

An import that upstream guards itself, by `try` or by `if TYPE_CHECKING`, is left alone.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeGuard

from transforms.engine.edit import Found
from transforms.engine.site import text_site
from transforms.engine.syntax.elements import import_elements
from transforms.engine.writing.element_sites import remove_elements
from transforms.rules.refusal import Refusal, refused
from transforms.rules.triton.host_code import host_nodes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Source
    from transforms.rules.names import Scope

MODULE = "vllm.wheelwright_triton_imports"
STAND_INS = {
    "triton.backends.nvidia.compiler.get_ptxas": "get_ptxas",
    "triton.experimental.gluon": "gluon",
    "triton.experimental.gluon.language": "gluon_language",
    "triton.knobs": "knobs",
    "triton.language.core._aggregate": "aggregate",
    "triton.runtime.errors.PTXASError": "PTXASError",
}
"""What the runtime module calls each of the names that it has."""
_CATCHES = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})
_FOR_READERS = frozenset({"typing.TYPE_CHECKING"})


@dataclass(frozen=True, slots=True)
class Imports:
    """The rule; see the module.

    Attributes:
        lacking: the dotted names that the line lacks.

    Raises:
        ValueError: the runtime module has nothing that stands in for one of them.
    """

    lacking: frozenset[str]
    name: str = "imports"
    needles: tuple[bytes, ...] = (b"triton", b"import")
    why: str = (
        'Nothing that has a kernel can be imported: "ModuleNotFoundError: No module named '
        "'triton.experimental'\". An engine that gets further stops at its JIT monitor: "
        "\"ImportError: cannot import name 'knobs' from 'triton'\"."
    )
    upstream: str = "none in vLLM: it supports the Triton of its own torch"
    drop_when: str = "the platform's Triton has Gluon and `triton.knobs`, as 3.4.0 and later do"

    def __post_init__(self) -> None:
        """Look for a stand-in for everything."""
        if unknown := self.lacking - STAND_INS.keys():
            raise ValueError(f"{MODULE} stands in for none of {sorted(unknown)}")

    def match(self, source: Source) -> Found:
        """Find the imports that stop a module on old Triton."""
        lasts = {name.rpartition(".")[2].encode() for name in self.lacking}
        if not any(last in source.data for last in lasts):
            return Found()
        found = list(self._found(source))
        sites = [each for each in found if not isinstance(each, Refusal)]
        refusals = [each for each in found if isinstance(each, Refusal)]
        return Found(sites=tuple(sorted(sites)), problem=refused(self.name, refusals, source))

    def _found(self, source: Source) -> Iterator[Site | Refusal]:
        guarded: set[int] = set()
        for each in source.once(host_nodes):
            node = each.node
            if _is_guard(node, each.scope):
                guarded |= _inside(node.body)
            elif id(node) in guarded:
                continue
            elif isinstance(node, ast.ImportFrom) and not node.level:
                yield from self._from(node, source)
            elif isinstance(node, ast.Import) and any(
                alias.name in self.lacking for alias in node.names
            ):
                yield Refusal(node, "", "say `from ... import ...` to have a stand-in imported")

    def _from(self, node: ast.ImportFrom, source: Source) -> Iterator[Site | Refusal]:
        lacking = [
            number
            for number, alias in enumerate(node.names)
            if f"{node.module}.{alias.name}" in self.lacking
        ]
        if not lacking:
            return
        start, end = source.span(node)
        line_start = source.line_start(source.line_of(start))
        if source.data[line_start:start].strip():
            yield Refusal(node, "", "the import shares its line with other code")
            return
        stand_ins = ", ".join(_written(node, node.names[number]) for number in lacking)
        text = f"from {MODULE} import {stand_ins}"
        if len(lacking) == len(node.names):
            yield text_site(source, start, end, text)
            return
        yield text_site(source, start, start, f"{text}\n{source.indentation(start)}")
        elements = import_elements(node, source)
        yield from (remove_elements(elements, number, number) for number in lacking)


def _written(node: ast.ImportFrom, alias: ast.alias) -> str:
    """Write the import of a stand-in under the name that the file gives it."""
    stand_in = STAND_INS[f"{node.module}.{alias.name}"]
    bound = alias.asname or alias.name
    return stand_in if bound == stand_in else f"{stand_in} as {bound}"


def _is_guard(node: ast.AST, scope: Scope) -> TypeGuard[ast.Try | ast.If]:
    """Tell whether what fails in a statement's body stops nobody."""
    if isinstance(node, ast.Try):
        return any(map(_catches, node.handlers))
    return isinstance(node, ast.If) and _is_for_readers(node.test, scope)


def _inside(statements: list[ast.stmt]) -> set[int]:
    return {id(node) for statement in statements for node in ast.walk(statement)}


def _catches(handler: ast.ExceptHandler) -> bool:
    """Tell whether a handler also takes care of an import that fails."""
    if handler.type is None:
        return True
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(isinstance(each, ast.Name) and each.id in _CATCHES for each in caught)


def _is_for_readers(test: ast.expr, scope: Scope) -> bool:
    """Tell whether a condition holds for type checkers alone."""
    found = {origin.replace(":", ".") for origin in scope.origins(test)}
    return bool(found) and found <= _FOR_READERS
