"""Code reduced to what it says: equal for two spellings of the same syntax, on every Python.

`ast.dump` differs between Python releases, and hashes of it could not be committed.
"""

from __future__ import annotations

import ast
import hashlib
from typing import TYPE_CHECKING

from transforms.engine.syntax.definition import docstring

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Not a part of what code says, or (`type_params`) not a field on every Python.
_IGNORED = frozenset({"ctx", "kind", "type_comment", "type_ignores", "type_params"})
_SHOWN = 16


def canonical(node: object) -> str:
    """Write syntax in one spelling.

    White space, comments, quotes, parentheses and the order of keyword arguments are left out,
    since they are no part of it.

    Args:
        node: a node, a list of nodes, or a field's plain value.
    """
    return "".join(_written(node))


def body_hash(node: ast.AST) -> str:
    """Name the code of a definition or module, its docstring and its own name left out.

    Returns:
        The first 16 hexadecimal digits of a sha256, the same on every Python.
    """
    # `def` and `async def` have the same fields.
    parts = [type(node).__name__]
    parts += [
        canonical(value)
        for name, value in ast.iter_fields(node)
        if name not in _IGNORED and name not in {"name", "body"}
    ]
    body: Sequence[ast.stmt] = getattr(node, "body", [])
    said = docstring(node)
    parts.append(canonical([statement for statement in body if statement is not said]))
    parts.append(canonical(getattr(node, "type_params", [])))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:_SHOWN]


def _written(node: object) -> Iterator[str]:
    if isinstance(node, ast.AST):
        yield f"{type(node).__name__}("
        for name in node._fields:
            value = getattr(node, name, None)
            if name == "keywords" and isinstance(value, list):
                value = sorted(value, key=lambda item: item.arg or "")
            elif isinstance(node, ast.JoinedStr):
                value = _merged(node.values)
            if name not in _IGNORED or (name == "type_params" and value):
                yield from _written(value)
                yield ","
        yield ")"
    elif isinstance(node, list):
        yield "["
        for item in node:
            yield from _written(item)
            yield ","
        yield "]"
    else:
        yield repr(node)


def _merged(values: Sequence[ast.expr]) -> list[object]:
    """Join neighbouring texts of an f-string: CPython 3.12 splits some in two."""
    merged: list[object] = []
    for value in values:
        text = value.value if isinstance(value, ast.Constant) else None
        if isinstance(text, str) and merged and isinstance(merged[-1], str):
            merged[-1] += text
        else:
            merged.append(text if isinstance(text, str) else value)
    return [item for item in merged if item != ""]
