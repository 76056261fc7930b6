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


def following(module: ast.AST, node: ast.stmt) -> list[ast.stmt]:
    """Give the statements that stand behind one in its block."""
    for block in all_blocks(module):
        for number, statement in enumerate(block):
            if statement is node:
                return block[number + 1 :]
    return []


def last_name(node: ast.expr) -> str:
    """Give the last name of what a decorator or a base refers to, e.g. ``c`` of ``a.b.c[d](e)``."""
    while isinstance(node, (ast.Call, ast.Subscript)):
        node = node.func if isinstance(node, ast.Call) else node.value
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
