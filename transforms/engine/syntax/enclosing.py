"""Where a definition stands: the definitions around it, and the block that it is a statement of."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.engine.syntax.alternatives import definitions
from transforms.engine.syntax.source import all_blocks

if TYPE_CHECKING:
    from transforms.engine.syntax.alternatives import Definition


def enclosing(module: ast.AST, node: Definition) -> list[Definition]:
    """Give the classes and functions around a definition, outermost first, and itself last."""
    for item in definitions(module):
        if item is node:
            return [item]
        below = enclosing(item, node)
        if below:
            return [item, *below]
    return []


def block_of(scope: ast.AST, node: ast.AST) -> tuple[list[ast.stmt], int]:
    """Give the block that a statement stands in, and its index there; no block where in none."""
    for block in all_blocks(scope):
        for index, statement in enumerate(block):
            if statement is node:
                return block, index
    return [], 0


def following(scope: ast.AST, node: ast.AST) -> list[ast.stmt]:
    """Give the statements that stand behind one in its block."""
    block, index = block_of(scope, node)
    return block[index + 1 :]


def last_name(node: ast.expr) -> str:
    """Give the last name of what a decorator or a base refers to, e.g. ``c`` of ``a.b.c[d](e)``."""
    while isinstance(node, (ast.Call, ast.Subscript)):
        node = node.func if isinstance(node, ast.Call) else node.value
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
