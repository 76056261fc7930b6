"""What of the plugin's code may stand inside of vLLM's modules."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.engine.syntax.suspension import own_nodes

if TYPE_CHECKING:
    from transforms.engine.syntax.definition import Function


class CannotStandThereError(Exception):
    """A function would not mean the same inside of vLLM's module."""


def refuse_function(node: Function | ast.Lambda, *, is_member: bool, is_in_its_class: bool) -> None:
    """Refuse a function that means something else in another module or class.

    Args:
        node: the function.
        is_member: it becomes a member of a class.
        is_in_its_class: the class is the plugin's own, which comes along.

    Raises:
        CannotStandThereError: it says what means something else there.
    """
    body = node.body if isinstance(node.body, list) else [node.body]
    for item in (inner for part in body for inner in ast.walk(part)):
        if isinstance(item, ast.Global):
            raise CannotStandThereError(f"it binds the global name {item.names[0]!r}")
        if is_in_its_class:
            continue
        name = getattr(item, "attr", "") or getattr(item, "id", "")
        if is_member and name.startswith("__") and not name.endswith("__"):
            raise CannotStandThereError(f"in a class, Python gives {name} another name")
        if isinstance(item, ast.Name) and item.id == "__class__":
            raise CannotStandThereError("it asks for the class that it was made in")
        if isinstance(item, ast.Call) and not item.args and _is_super(item.func):
            raise CannotStandThereError("its `super()` is that of the plugin's class")
    for item in own_nodes([part for part in body if isinstance(part, ast.stmt)]):
        if isinstance(item, ast.Nonlocal):
            raise CannotStandThereError(f"it binds {item.names[0]!r} of a function around it")


def _is_super(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "super"


def bound_names(node: Function | ast.Lambda) -> set[str]:
    """Give all names that are bound anywhere in a function."""
    names = {item.arg for item in ast.walk(node) if isinstance(item, ast.arg)}
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    for item in ast.walk(node):
        if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store):
            names.add(item.id)
        elif isinstance(item, definitions) and item is not node:
            names.add(item.name)
        elif isinstance(item, ast.alias):
            names.add((item.asname or item.name).partition(".")[0])
        elif isinstance(item, ast.ExceptHandler) and item.name:
            names.add(item.name)
    return names
