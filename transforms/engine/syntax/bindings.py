"""What the statements of a module bind, without looking into its functions and classes."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_SCOPE = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


@dataclass(frozen=True, slots=True)
class Binding:
    """One place that binds a name.

    Attributes:
        name: the name.
        node: what binds it: an alias, a definition, a target.
        statement: the import that an alias belongs to, or the node itself.
        for_typing: it stands under `if TYPE_CHECKING` and is never run.
    """

    name: str
    node: ast.AST
    statement: ast.AST
    for_typing: bool


def bindings(scope: ast.AST, *, for_typing: bool = False) -> Iterator[Binding]:
    """Give what a module or block binds, those in `if`, `try`, `with` and loops included.

    Args:
        scope: a module, or any other node.
        for_typing: the scope itself is never run.
    """
    for node in ast.iter_child_nodes(scope):
        if isinstance(node, ast.alias):
            yield Binding(node.asname or node.name.split(".")[0], node, scope, for_typing)
        elif isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Store):
                yield Binding(node.id, node, node, for_typing)
        elif isinstance(node, _SCOPE):
            yield Binding(getattr(node, "name", ""), node, node, for_typing)
        elif isinstance(node, ast.If) and asks_for_typing(node.test):
            never_run = typing_block(node)
            for block in (node.body, node.orelse):
                inner = for_typing or block is never_run
                yield from bindings(ast.Module(block, []), for_typing=inner)
        else:
            named = getattr(node, "name", None)
            if isinstance(named, str):
                yield Binding(named, node, node, for_typing)
            yield from bindings(node, for_typing=for_typing)


def asks_for_typing(test: ast.expr) -> bool:
    """Tell whether a condition is `TYPE_CHECKING` or `not TYPE_CHECKING`."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        test = test.operand
    return (getattr(test, "id", "") or getattr(test, "attr", "")) == "TYPE_CHECKING"


def typing_block(node: ast.If) -> list[ast.stmt]:
    """Give the statements that only a type checker reads, where `asks_for_typing` holds."""
    return node.orelse if isinstance(node.test, ast.UnaryOp) else node.body
