"""Lists, tuples, sets and dictionaries of which some elements changed: the others are left open."""

from __future__ import annotations

import ast
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

from transforms.engine.syntax.canonical import canonical
from transforms.importers.pieces import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transforms.engine.syntax.source import Source
    from transforms.importers.proof import Files

Display = ast.List | ast.Tuple | ast.Set | ast.Dict
DISPLAYS = (ast.List, ast.Tuple, ast.Set, ast.Dict)
_BRACKETS = {
    ast.List: ("[", "]"),
    ast.Tuple: ("(", ")"),
    ast.Set: ("{", "}"),
    ast.Dict: ("{", "}"),
}
_MANY = 4


class _Element(NamedTuple):
    """One element of a display.

    Attributes:
        same: equal elements have equal texts here.
        text: how it is written.
        key: of a dictionary's item, which is known by it where it stays; empty for others.
    """

    same: str
    text: str
    key: str = ""

    def known_by(self, hole: str) -> str:
        """Write what is enough to know it by, with a metavariable for the rest."""
        return f"{self.key}: ${hole}" if self.key else self.text


def with_others_open(files: Files, before: Display, after: Display) -> Iterator[tuple[str, str]]:
    """Leave open all elements but those that changed and the ones beside them.

    Args:
        files: the file before and after.
        before: the display as it was.
        after: what it becomes, of the same kind.
    """
    ours, theirs = _elements(before, files.before), _elements(after, files.after)
    keys = [item.same for item in ours], [item.same for item in theirs]
    codes = SequenceMatcher(None, *keys, autojunk=False).get_opcodes()
    if len(ours) < _MANY or not any(code[0] == "equal" for code in codes):
        return
    sides: tuple[list[str], list[str]] = ([], [])
    for number, (kind, start, end, first, last) in enumerate(codes):
        if kind == "equal":
            # What is added or gone is told by what stands beside it.
            lead = int(number > 0 and _is_one_sided(codes[number - 1]))
            tail = int(number + 1 < len(codes) and _is_one_sided(codes[number + 1]))
            kept = _kept(ours[start:end], number, lead, tail)
            for parts in sides:
                parts.extend(kept)
            continue
        sides[0].extend(item.text for item in ours[start:end])
        sides[1].extend(item.text for item in theirs[first:last])
    opener, closer = _BRACKETS[type(before)]
    find, replace = (f"{opener}{', '.join(parts)}{closer}" for parts in sides)
    yield find, replace


def _kept(items: Sequence[_Element], number: int, lead: int, tail: int) -> list[str]:
    """Write elements that stay: those beside a change by name, the rest as one metavariable."""
    names = [item.known_by(f"value{number}_{place}") for place, item in enumerate(items)]
    if len(items) <= lead + tail:
        return names
    return [*names[:lead], f"$$kept{number}", *names[len(items) - tail :]]


def _elements(display: Display, source: Source) -> list[_Element]:
    if not isinstance(display, ast.Dict):
        texts = [text_of(item, source) for item in display.elts]
        same = map(canonical, display.elts)
        return [_Element(key, text) for key, text in zip(same, texts, strict=True)]
    found = []
    for key, value in zip(display.keys, display.values, strict=True):
        written = text_of(value, source)
        name = text_of(key, source) if key else ""
        text = f"{name}: {written}" if key else f"**{written}"
        found.append(_Element(canonical([key, value]), text, name))
    return found


def texts_of(display: Display, source: Source) -> list[str]:
    """Give the elements of a display as they are written."""
    return [item.text for item in _elements(display, source)]


def _is_one_sided(code: tuple[str, int, int, int, int]) -> bool:
    return code[0] in {"insert", "delete"}
