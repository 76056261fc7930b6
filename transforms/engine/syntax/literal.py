"""Literals that hold elements: displays, calls around one, and `Literal[...]`."""

from __future__ import annotations

import ast
import copy
from typing import TYPE_CHECKING

from transforms.engine.syntax.canonical import canonical
from transforms.engine.syntax.elements import (
    call_elements,
    display_elements,
    subscript_elements,
)
from transforms.engine.syntax.source import SourceError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from transforms.engine.syntax.elements import Elements
    from transforms.engine.syntax.source import Source

# What an empty call of these is written with.
_EMPTY = {"frozenset": "{}", "set": "{}", "tuple": "()", "list": "[]"}


def is_literal(node: ast.AST) -> bool:
    """Tell whether an expression is a literal that can gain elements."""
    return _holder(node) is not None


def members(node: ast.AST) -> list[object]:
    """Give the elements of a literal, those of a dict as `[key, value]`; `**x` has no key."""
    held = _holder(node)
    if isinstance(held, ast.Dict):
        return [[key, value] for key, value in zip(held.keys, held.values, strict=True)]
    if isinstance(held, ast.Subscript):
        there = held.slice
        return [*there.elts] if isinstance(there, ast.Tuple) else [there]
    if isinstance(held, (ast.List, ast.Tuple, ast.Set)):
        return [*held.elts]
    return []


def without(node: ast.expr, spelled: Collection[str]) -> ast.expr:
    """Give the literal as if it had none of some elements.

    Args:
        node: the literal; it is not changed.
        spelled: the elements, as `canonical` writes them.
    """
    kept = [item for item in members(node) if canonical(item) not in spelled]
    node = copy.copy(node)
    if isinstance(node, ast.Call) and node.args:
        node.args = [without(node.args[0], spelled)]
    elif isinstance(node, ast.Dict):
        node.keys = [item[0] for item in kept if isinstance(item, list)]
        node.values = [item[1] for item in kept if isinstance(item, list)]
    elif isinstance(node, ast.Subscript):
        elements = [item for item in kept if isinstance(item, ast.expr)]
        # For one and for several the same, so that they can be compared.
        node.slice = ast.Tuple(elements, ast.Load())
    elif isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        node.elts = [item for item in kept if isinstance(item, ast.expr)]
    return node


def is_dict(node: ast.AST) -> bool:
    """Tell whether the elements of a literal are pairs."""
    return isinstance(_holder(node), ast.Dict)


def literal_elements(node: ast.AST, source: Source) -> Elements:
    """Give the bytes of a literal's elements.

    Raises:
        SourceError: it is no literal.
    """
    held = _holder(node)
    if isinstance(held, ast.Subscript):
        return subscript_elements(held, source)
    if isinstance(held, ast.Call):
        return call_elements(held, source)
    if isinstance(held, (ast.List, ast.Tuple, ast.Set, ast.Dict)):
        return display_elements(held, source)
    raise SourceError(source.path, "no literal stands there", getattr(node, "lineno", 0))


def wrapped(node: ast.AST, texts: Sequence[str]) -> Sequence[str]:
    """Write elements as what the literal takes: an empty call takes one display with all."""
    held = _holder(node)
    if not isinstance(held, ast.Call):
        return texts
    brackets = _EMPTY[_name(held.func)]
    comma = "," if brackets == "()" and len(texts) == 1 else ""
    return [f"{brackets[0]}{', '.join(texts)}{comma}{brackets[1]}"]


def _holder(node: ast.AST) -> ast.expr | None:
    """Give the node that has the elements; for an empty call, the call."""
    if isinstance(node, (ast.List, ast.Tuple, ast.Set, ast.Dict)):
        return node
    if isinstance(node, ast.Subscript):
        return node if _name(node.value) == "Literal" else None
    if isinstance(node, ast.Call) and _name(node.func) in _EMPTY and not node.keywords:
        if not node.args:
            return node
        inner = node.args[0]
        if len(node.args) == 1 and isinstance(inner, (ast.List, ast.Tuple, ast.Set)):
            return inner
    return None


def _name(node: ast.AST) -> str:
    return getattr(node, "id", "") or getattr(node, "attr", "")
