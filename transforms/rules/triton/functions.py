"""Which functions of a module Triton compiles, and which annotations are constexpr to it.

Decided by where a name comes from, never by how it is spelled: `@t.jit` after `import triton as t`
is Triton's, `@cute.jit` and `@gluon.jit` are not. See `transforms.rules.names`.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from transforms.engine.syntax.source import addressable_children
from transforms.rules.names import Function, Scope, own_statements, package_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.syntax.source import Source

N = TypeVar("N", bound=ast.AST)
_JIT = frozenset(
    {
        "triton.jit",
        "triton.runtime.jit.jit",
        "triton.JITFunction",
        "triton.runtime.JITFunction",
        "triton.runtime.jit.JITFunction",
        "vllm.triton_utils.jit",
    }
)
_COMPILES = _JIT | {f"{each}()" for each in _JIT}
_CONSTEXPR = frozenset(
    {
        "triton.language.constexpr",
        "triton.language.core.constexpr",
        "vllm.triton_utils.constexpr",
    }
)
# vLLM hands Triton on under these names: from `vllm.triton_utils`, and a module that imports them
# from there may hand them on again. A submodule of that name (`vllm.kernels.triton`) is not it.
_HANDED_ON = re.compile(r"^vllm(?:[.:]triton_utils[.:]|[\w.]*:)(triton|tl)(?=[.:])")
_HANDED_ON_AS = {"triton": "triton", "tl": "triton.language"}
_LANGUAGE = re.compile(r"triton\.language\.(?:(?:core|standard|math)\.)?([\w.]+)")
_INNER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_WORD = re.compile(rb"(?<!\w)jit(?!\w)")


@dataclass(frozen=True, eq=False)
class TritonFunction:
    """One function that Triton compiles.

    Attributes:
        node: its definition.
        scope: what names stand for where it is defined, as its parameters' annotations see them.
        name: its dotted name inside the module.
        body: what names stand for inside the function.
    """

    node: ast.FunctionDef
    scope: Scope
    name: str
    body: Scope

    def nodes(self, kind: type[N]) -> list[N]:
        """Give the nodes of one kind in the function's body, in source order.

        Left out are the insides of nested functions and classes, which Triton refuses, and of
        f-strings, whose positions depend on the Python that reads them.
        """
        return [node for node in self._walked[0].get(kind, ()) if isinstance(node, kind)]

    def parent(self, node: ast.AST) -> ast.AST:
        """Give the node around a node of the body; the function itself for its statements."""
        return self._walked[1][id(node)]

    @cached_property
    def _walked(self) -> tuple[dict[type[ast.AST], list[ast.AST]], dict[int, ast.AST]]:
        """Walk the body once: its nodes by kind, and the node around each by its identity."""
        found: defaultdict[type[ast.AST], list[ast.AST]] = defaultdict(list)
        parents: dict[int, ast.AST] = {}
        waiting: list[ast.AST] = []
        around: ast.AST = self.node
        inner: list[ast.AST] = [*self.node.body]
        while True:
            parents.update(dict.fromkeys(map(id, inner), around))
            waiting.extend(reversed(inner))
            if not waiting:
                return dict(found), parents
            around = waiting.pop()
            found[type(around)].append(around)
            inner = [] if isinstance(around, _INNER) else addressable_children(around)


class Meaning(Enum):
    """What an annotation is to Triton."""

    CONSTEXPR = "constexpr"
    TYPE = "type"
    UNSURE = "unsure"


def triton_functions(source: Source) -> list[TritonFunction]:
    """Find the functions of a module that Triton compiles, in source order.

    A function inside a compiled function is not one of them: Triton refuses such a definition.
    """
    lines = decorator_lines(source.data)
    if lines is not None and not lines:
        return []
    module = Scope(source.module, package=package_of(source.path))
    by_call = [] if lines is not None else _compiled_by_call(module)
    return list(_functions(module, "", frozenset(id(node) for node in by_call), lines))


def decorator_lines(data: bytes) -> list[int] | None:
    """Find the lines that may hold a decorator of Triton's, without parsing.

    Returns:
        The lines whose first character is `@` and that hold the word `jit`; None where the word
        stands elsewhere too: after an import, an alias or a call any decorator may stand for it.
    """
    if b"JITFunction" in data or b"\r" in data:
        return None
    lines: list[int] = []
    line, counted, at = 1, 0, data.find(b"jit")
    while at >= 0:
        start = data.rfind(b"\n", 0, at) + 1
        before = data[start:at].lstrip()
        if before.startswith(b"@"):
            line += data.count(b"\n", counted, at)
            counted = at
            lines.append(line)
        elif not before.startswith(b"#") and _WORD.match(data, at):
            return None
        at = data.find(b"jit", at + 3)
    return lines


def _functions(
    scope: Scope, prefix: str, by_call: frozenset[int], lines: list[int] | None
) -> Iterator[TritonFunction]:
    """Find the functions; `lines` are the only ones that a decorator may stand on, if known."""
    for statement in own_statements(scope.node):
        if not isinstance(statement, Function | ast.ClassDef):
            continue
        name = f"{prefix}{statement.name}"
        if isinstance(statement, ast.FunctionDef) and (
            id(statement) in by_call
            or any(_is_jit(decorator, scope) for decorator in statement.decorator_list)
        ):
            yield TritonFunction(statement, scope, name, scope.inner(statement))
        elif lines is None or _holds_any(statement, lines):
            yield from _functions(scope.inner(statement), f"{name}.", by_call, lines)


def _holds_any(statement: ast.stmt, lines: list[int]) -> bool:
    at = bisect_left(lines, statement.lineno)
    return at < len(lines) and lines[at] <= (statement.end_lineno or statement.lineno)


def _is_jit(decorator: ast.expr, scope: Scope) -> bool:
    called = isinstance(decorator, ast.Call)
    target = decorator.func if isinstance(decorator, ast.Call) else decorator
    found = origins(target, scope) | (origins(decorator, scope) if called else frozenset())
    return not found.isdisjoint(_COMPILES)


def origins(node: ast.expr, scope: Scope) -> frozenset[str]:
    """Say what an expression may stand for, as dotted names: `tl.load` is `triton.language.load`.

    vLLM's own ways of handing Triton on are seen through. A call without positional arguments
    gives the callee's name with `()`. Empty where the expression cannot be followed.

    Args:
        node: a name, an attribute or a call.
        scope: where it stands; for a function's body, `TritonFunction.body`.
    """
    return frozenset(
        _HANDED_ON.sub(lambda match: _HANDED_ON_AS[match[1]], origin).replace(":", ".")
        for origin in scope.origins(node)
    )


def language_name(node: ast.expr, scope: Scope) -> str:
    """Say what of Triton's language an expression stands for: `tl.load` is ``load``.

    Args:
        node: a name or an attribute.
        scope: where it stands; for a function's body, `TritonFunction.body`.

    Returns:
        The name below `triton.language`, without the module inside of it that defines the name;
        empty where it stands for anything else.
    """
    found = {match[1] for origin in origins(node, scope) if (match := _LANGUAGE.fullmatch(origin))}
    return found.pop() if len(found) == 1 else ""


def name_of_language(function: TritonFunction) -> str:
    """Give a name that stands for `triton.language` in a function, mostly ``tl``; empty for none.

    Args:
        function: the function; only names that it uses are looked at.
    """
    names = {node.id: node for node in function.nodes(ast.Name)}
    for name, node in names.items():
        if language_name(ast.Attribute(node, "tensor"), function.body) == "tensor":
            return name
    return ""


def _compiled_by_call(scope: Scope) -> Iterator[Function]:
    """Give the functions that are handed to Triton by a call: `kernel = triton.jit(function)`."""
    for statement in own_statements(scope.node):
        if isinstance(statement, Function | ast.ClassDef):
            yield from _compiled_by_call(scope.inner(statement))
            parts: list[ast.AST] = list(statement.decorator_list)
        else:
            parts = [
                part for part in ast.iter_child_nodes(statement) if not isinstance(part, ast.stmt)
            ]
        for node in (node for part in parts for node in ast.walk(part)):
            if (
                isinstance(node, ast.Call)
                and node.args
                and isinstance(node.args[0], ast.Name)
                and not origins(node.func, scope).isdisjoint(_COMPILES)
            ):
                yield from scope.definitions(node.args[0].id)


def meaning(annotation: ast.expr, scope: Scope) -> Meaning:
    """Say what an annotation is to Triton: constexpr, a type, or not to be told from this file.

    Triton compares what an annotation evaluates to with the class `constexpr`. A string is no
    class, so a quoted annotation in a body is only a type to every release of Triton.
    """
    if isinstance(annotation, ast.IfExp):
        both = {meaning(annotation.body, scope), meaning(annotation.orelse, scope)}
        return both.pop() if len(both) == 1 else Meaning.UNSURE
    if isinstance(annotation, ast.Constant):
        return Meaning.TYPE
    if not isinstance(annotation, ast.Name | ast.Attribute):
        return Meaning.UNSURE if mentions_constexpr(annotation, scope) else Meaning.TYPE
    found = origins(annotation, scope)
    if not found.isdisjoint(_CONSTEXPR):
        return Meaning.CONSTEXPR
    if not found or any(origin.startswith("vllm.") or "()" in origin for origin in found):
        return Meaning.UNSURE
    return Meaning.TYPE


def is_named(annotation: ast.expr, scope: Scope, names: frozenset[str]) -> bool:
    """Tell whether an annotation stands for one of some dotted names, e.g. `builtins.int`."""
    return not origins(annotation, scope).isdisjoint(names)


def mentions_constexpr(annotation: ast.expr, scope: Scope) -> bool:
    """Tell whether constexpr, or a name that begins with it, stands anywhere in an annotation."""
    return any(
        "constexpr" in (ast.unparse(node) if isinstance(node, ast.Constant) else "")
        or (
            isinstance(node, ast.Name | ast.Attribute)
            and any("constexpr" in origin for origin in origins(node, scope))
        )
        for node in ast.walk(annotation)
    )
