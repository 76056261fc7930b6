"""What the names of a function that Triton compiles are bound to, and which binding decides."""

from __future__ import annotations

import ast
from collections import defaultdict
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from transforms.rules.names import own_statements
from transforms.rules.triton.functions import Meaning, language_name, meaning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.rules.triton.functions import TritonFunction

_Loop = ast.For | ast.While


class OfLoop(Enum):
    """What a loop binds its variable to."""

    COUNTED = "a tensor"
    UNROLLED = "a constexpr"


@dataclass(frozen=True, slots=True)
class Binding:
    """One place where a name is bound.

    Attributes:
        value: what to: an expression, the variable of a loop, or None where nobody can say.
        constant: it is annotated as constexpr.
        line: where; 0 for a parameter.
        node: the statement or expression that binds it; None for a parameter.
    """

    value: ast.expr | OfLoop | None
    constant: bool = False
    line: int = 0
    node: ast.stmt | ast.expr | None = None

    def mentions(self, name: str) -> bool:
        """Tell whether a name stands in what is bound."""
        return isinstance(self.value, ast.expr) and any(
            isinstance(node, ast.Name) and node.id == name for node in ast.walk(self.value)
        )


class Bindings:
    """The names that one function binds.

    Args:
        function: the function.
        tensors: parameters that hold a tensor, whatever their annotation says.
    """

    def __init__(self, function: TritonFunction, tensors: frozenset[str]) -> None:
        self._function = function
        self._tensors = tensors
        self._found: defaultdict[str, list[Binding]] = defaultdict(list)
        for name, binding in (*self._parameters(), *self._bound()):
            self._found[name].append(binding)

    def of(self, name: str) -> list[Binding]:
        """Give all the bindings of a name, in source order; none for a name of the module."""
        return self._found.get(name, [])

    def deciding(self, name: str) -> list[Binding]:
        """Give the bindings that decide what a name holds.

        A name that lives before a loop keeps its type in the loop, or Triton refuses the loop, so
        what the loop binds it to decides nothing.
        """
        found = self.of(name)
        if len(found) <= 1:
            return found
        first = min(each.line for each in found)
        return [
            each
            for each in found
            if not any(first < loop.lineno for loop in self._loops_around(each.node))
        ]

    def of_module(self, name: str) -> Iterator[ast.Assign | ast.AnnAssign]:
        """Give the assignments of the scope around the function that bind a name."""
        for statement in own_statements(self._function.scope.node):
            if isinstance(statement, ast.Assign | ast.AnnAssign):
                targets = statement.targets if isinstance(statement, ast.Assign) else []
                for target in [*targets, getattr(statement, "target", None)]:
                    if isinstance(target, ast.Name) and target.id == name:
                        yield statement

    def _parameters(self) -> Iterator[tuple[str, Binding]]:
        given = self._function.node.args
        for parameter in (*given.posonlyargs, *given.args, *given.kwonlyargs):
            constant = parameter.arg not in self._tensors
            constant = constant and self._is_constant(parameter.annotation)
            yield parameter.arg, Binding(None, constant=constant)
        yield from ((each.arg, Binding(None)) for each in (given.vararg, given.kwarg) if each)

    def _is_constant(self, annotation: ast.expr | None) -> bool:
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            # A signature reads what stands in quotes, too.
            return annotation.value.strip().split(".")[-1] == "constexpr"
        scope = self._function.scope
        return annotation is not None and meaning(annotation, scope) is Meaning.CONSTEXPR

    def _bound(self) -> Iterator[tuple[str, Binding]]:
        for statement in own_statements(self._function.node):
            for name, value, constant in self._targets(statement):
                line = statement.lineno
                yield name, Binding(value, constant=constant, line=line, node=statement)
        for node in self._function.nodes(ast.NamedExpr):
            yield node.target.id, Binding(node.value, line=node.lineno, node=node)

    def _targets(self, statement: ast.stmt) -> Iterator[tuple[str, ast.expr | OfLoop | None, bool]]:
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                yield from ((*each, False) for each in _bound_by(target, statement.value))
        elif isinstance(statement, ast.AnnAssign):
            constant = meaning(statement.annotation, self._function.body) is Meaning.CONSTEXPR
            if isinstance(statement.target, ast.Name):
                yield statement.target.id, statement.value, constant
        elif isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
            left = ast.copy_location(ast.Name(statement.target.id, ast.Load()), statement.target)
            yield statement.target.id, ast.BinOp(left, statement.op, statement.value), False
        elif isinstance(statement, ast.For):
            held = OfLoop.COUNTED if self._is_counted(statement) else OfLoop.UNROLLED
            for name, _ in _bound_by(statement.target, None):
                yield name, held, False

    def _loops_around(self, node: ast.AST | None) -> Iterator[_Loop]:
        """Give the loops around what binds a name that Triton compiles as loops."""
        while node is not None and node is not self._function.node:
            node = self._function.parent(node)
            if isinstance(node, ast.While) or (
                isinstance(node, ast.For) and self._is_counted(node)
            ):
                yield node

    def _is_counted(self, loop: ast.For) -> bool:
        called = loop.iter.func if isinstance(loop.iter, ast.Call) else loop.iter
        return language_name(called, self._function.body) != "static_range"


def _bound_by(target: ast.expr, value: ast.expr | None) -> Iterator[tuple[str, ast.expr | None]]:
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Tuple | ast.List):
        parts: list[ast.expr] | list[None] = [None] * len(target.elts)
        if (
            isinstance(value, ast.Tuple | ast.List)
            and len(value.elts) == len(target.elts)
            and not any(isinstance(each, ast.Starred) for each in target.elts)
        ):
            parts = value.elts
        for each, part in zip(target.elts, parts, strict=True):
            yield from _bound_by(each, part)
    elif isinstance(target, ast.Starred):
        yield from _bound_by(target.value, None)
