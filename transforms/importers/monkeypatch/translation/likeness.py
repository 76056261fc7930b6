"""Which statements of two functions say the same, and which are one statement in two versions."""

from __future__ import annotations

import ast
import copy
from typing import TYPE_CHECKING

from transforms.engine.syntax.canonical import canonical
from transforms.engine.syntax.definition import Function

if TYPE_CHECKING:
    from collections.abc import Sequence

BLOCKS = ("body", "orelse", "finalbody")
"""The fields of compound statements that hold statements; handlers of `try` come on top."""
_COMPOUND = (
    ast.If,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.With,
    ast.AsyncWith,
    ast.Try,
    ast.FunctionDef,
    ast.AsyncFunctionDef,
)
_LIKE = 0.5


def pairs(ours: Sequence[ast.stmt], theirs: Sequence[ast.stmt]) -> list[tuple[int, int]]:
    """Pair compound statements that can be merged, in order."""
    found: list[tuple[int, int]] = []
    start = 0
    for number, node in enumerate(ours):
        best, ratio = -1, _LIKE
        for other in range(start, len(theirs)):
            if _fits(node, theirs[other]):
                likeness = _likeness(node, theirs[other])
                if likeness > ratio:
                    best, ratio = other, likeness
        if best >= 0:
            found.append((number, best))
            start = best + 1
    return found


def _fits(node: ast.stmt, other: ast.stmt) -> bool:
    """Tell whether two compound statements have the same parts."""
    if type(node) is not type(other) or not isinstance(node, _COMPOUND):
        return False
    if isinstance(node, Function) and isinstance(other, Function):
        return node.name == other.name
    if any(bool(getattr(node, n, [])) != bool(getattr(other, n, [])) for n in BLOCKS):
        return False
    handlers = [
        [
            (canonical(item.type) if item.type else "", item.name)
            for item in getattr(each, "handlers", [])
        ]
        for each in (node, other)
    ]
    if handlers[0] != handlers[1]:
        return False
    # An `elif` is an `if` in `orelse` that has no line of its own.
    return not any(
        isinstance(each, ast.If) and len(each.orelse) == 1 and isinstance(each.orelse[0], ast.If)
        for each in (node, other)
    ) or _same_chain(node, other)


def _same_chain(node: ast.stmt, other: ast.stmt) -> bool:
    tests = []
    for each in (node, other):
        chain = []
        item = each
        while isinstance(item, ast.If):
            chain.append(canonical(item.test))
            item = item.orelse[0] if len(item.orelse) == 1 else ast.Pass()
        tests.append(chain)
    return tests[0] == tests[1]


def _likeness(node: ast.stmt, other: ast.stmt) -> float:
    def inner(each: ast.stmt) -> list[str]:
        return [
            key(item) for item in ast.walk(each) if isinstance(item, ast.stmt) and item is not each
        ]

    ours, theirs = inner(node), inner(other)
    same = sum((item in theirs) for item in ours)
    heads = head_key(node) == head_key(other)
    return max(2 * same / (len(ours) + len(theirs) or 1), 0.6 if heads else 0.0)


def last_of_head(node: ast.stmt) -> ast.expr | None:
    """Give the last expression before the colon of a compound statement; None where none is."""
    if isinstance(node, (ast.If, ast.While)):
        return node.test
    if isinstance(node, (ast.For, ast.AsyncFor)):
        return node.iter
    if isinstance(node, (ast.With, ast.AsyncWith)):
        return node.items[-1].optional_vars or node.items[-1].context_expr
    return None


def head_key(node: ast.stmt) -> str:
    """Write a compound statement without its blocks: equal for two whose heads say the same."""
    parts = [
        canonical(value)
        for name, value in ast.iter_fields(node)
        if name not in {*BLOCKS, "handlers", "type_comment"}
    ]
    return "\0".join([type(node).__name__, *parts])


class _Plain(ast.NodeTransformer):
    """Leaves annotations out that no program reads."""

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt:
        if isinstance(node.target, ast.Name) and node.value is not None:
            return ast.Assign([node.target], node.value)
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        self.generic_visit(node)
        node.returns = None
        return node


def key(node: ast.stmt) -> str:
    """Write a statement without annotations: equal for two that say the same."""
    return canonical(_Plain().visit(copy.deepcopy(node)))


def signature(node: Function | ast.Lambda) -> str:
    """Write what a function takes, without annotations: equal for two that are called alike."""
    return canonical(_Plain().visit(copy.deepcopy(node.args)))
