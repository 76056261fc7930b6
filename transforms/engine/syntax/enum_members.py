"""What a new member does to an `Enum`: an equal value makes an alias, `auto()` counts on."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.engine.syntax.alternatives import Definition
from transforms.engine.syntax.canonical import canonical
from transforms.engine.syntax.enclosing import last_name
from transforms.engine.syntax.members import FIELD, bindings

if TYPE_CHECKING:
    from collections.abc import Sequence


def enum_problem(member: ast.stmt, name: str, body: Sequence[ast.stmt]) -> str:
    """Say what is wrong with a new member of an `Enum`; empty for nothing.

    Args:
        member: what is added.
        name: its name.
        body: the class's body with the member in its place.
    """
    value = getattr(member, "value", None)
    if isinstance(member, Definition) or name.startswith("_"):
        return ""
    if value is None:
        return f"is an Enum: {name} needs a value"
    if _is_auto(value):
        return ""
    others = [item for item in body if isinstance(item, FIELD) and item is not member]
    for other in others:
        if canonical(other.value) == canonical(value):
            return f"has this value already: {name} would be an alias of {_name(other)}"
    behind = list(body)[list(body).index(member) + 1 :]
    if any(isinstance(item, FIELD) and _is_auto(item.value) for item in behind):
        return f"has members with auto() behind that place: they would count on from {name}"
    return ""


def _name(field: ast.stmt) -> str:
    return next(iter(bindings(field)), "")


def _is_auto(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Call) and last_name(value.func) == "auto"
