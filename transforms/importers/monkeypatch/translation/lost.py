"""What a stale copy of upstream's function has lost."""

from __future__ import annotations

import ast
from collections import Counter
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from transforms.engine.syntax.canonical import canonical
from transforms.engine.syntax.definition import Function, docstring
from transforms.engine.syntax.source import walk_addressable

if TYPE_CHECKING:
    from collections.abc import Iterator

# Less than this is a function of its own, not a copy.
_COPY = 0.6


def lost_by(upstream: Function, replacement: Function) -> tuple[str, ...]:
    """Give what upstream's function has and a copy of it has not.

    Args:
        upstream: the function of the release that is compiled for.
        replacement: what takes its place.

    Returns:
        One line for each text, and one for the statements; nothing where it is no copy.
    """
    ours, theirs = list(_statements(upstream)), list(_statements(replacement))
    same = SequenceMatcher(
        None, [key for key, _ in ours], [key for key, _ in theirs], autojunk=False
    )
    if not ours or same.ratio() < _COPY:
        return ()
    kept = Counter(key for key, _ in theirs)
    gone: list[ast.stmt] = []
    for key, node in ours:
        if kept[key]:
            kept[key] -= 1
        else:
            gone.append(node)
    texts = sorted(_texts(upstream) - _texts(replacement))
    lines = [f"upstream's {text!r} is not in the copy" for text in texts]
    if gone:
        numbers = ", ".join(str(node.lineno) for node in gone)
        lines.append(f"upstream's lines {numbers} are not in the copy")
    return tuple(lines)


def _statements(function: Function) -> Iterator[tuple[str, ast.stmt]]:
    said = docstring(function)
    for node in walk_addressable(function):
        if isinstance(node, ast.stmt) and node is not function and node is not said:
            parts = [
                canonical(value)
                for name, value in ast.iter_fields(node)
                if name not in {"body", "orelse", "finalbody", "handlers", "annotation"}
            ]
            yield "\0".join([type(node).__name__, *parts]), node


def _texts(function: Function) -> set[str]:
    said = docstring(function)
    return {
        node.value
        for node in walk_addressable(function)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if said is None or node is not said.value
    }
