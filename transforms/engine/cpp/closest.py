"""The tokens of a file that are fewest changes away from a pattern that matches nothing.

A table of edit distances in which a match may begin anywhere (Sellers, "The theory and computation
of evolutionary distances", 1980). A metavariable takes tokens at no cost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from transforms.engine.explaining.closest import Closest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transforms.engine.cpp.code import Code
    from transforms.engine.cpp.parts import Part
    from transforms.engine.cpp.pattern import CppPattern
    from transforms.engine.cpp.tokens import Token
    from transforms.engine.syntax.source import Source

_CHANGED = 1.0
# What a metavariable takes costs next to nothing, so that of two fits the shorter one is closer;
# and a token that is gone is likelier than one in its place.
_TAKEN = 0.01
# In changes for each plain token of a pattern: what is farther away says nothing to its author.
_CLOSE_ENOUGH = 0.5
# The bounds of the work: tokens of a pattern, and cells of the table.
_LONGEST = 60
_CELLS = 600_000
_TIMES_LONGER = 3
_LONGER = 20


class _Cell(NamedTuple):
    """The cheapest way to fit the first parts of a pattern on tokens up to some point."""

    cost: float
    first: int
    change: str
    changes: int


def closest_to(pattern: CppPattern, source: Source, code: Code, first: int, last: int) -> Closest:
    """Find the code in a range of tokens that is fewest changes away from a pattern.

    Args:
        pattern: what was looked for.
        source: the file.
        code: its tokens.
        first: the first token that is searched.
        last: the token behind the last one.
    """
    parts = pattern.parts[:_LONGEST]
    plain = sum(not part.name for part in parts)
    best, end = _Cell(_CLOSE_ENOUGH * plain, first, "", 0), first
    for start, stop in _likely(parts, code, first, last):
        column = _column(parts, start)
        for index in range(start, stop):
            column = _next(parts, code.tokens[index], index, column)
            if column[-1].cost < best.cost:
                best, end = column[-1], index + 1
    if end <= best.first:
        return Closest()
    line = source.line_of(code.tokens[best.first].start)
    text = code.text(best.first, end).encode("latin-1").decode("utf-8", "replace")
    crosses = len({token.directive for token in code.tokens[best.first : end]}) > 1
    same = "a directive stands in it" if crosses else ""
    differs = {0: same, 1: best.change}.get(best.changes, "")
    return Closest(text.splitlines()[0].rstrip(), line, differs)


def is_alike(closest: Closest, pattern: CppPattern) -> bool:
    """Tell whether the closest code could be what a pattern meant, changed in one thing.

    Code that differs in the first name does something else, and so does another `#include`.
    """
    first = next((part.text for part in pattern.parts if not part.name and _tells(part.text)), "")
    other = (f"{first} -> ", f"without {first}")
    is_include = pattern.code.directive_name(pattern.parts[-1].directive) == "include"
    return bool(closest.difference) and not (is_include or closest.difference.startswith(other))


def _likely(parts: Sequence[Part], code: Code, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Give the ranges of tokens around those that a pattern shares, the rarest of these first."""
    shared = {part.text for part in parts if not part.name and _tells(part.text)}
    places = [
        [index for index in code.places.get(text, ()) if first <= index < last]
        for text in sorted(shared)
    ]
    reach = _TIMES_LONGER * len(parts) + _LONGER
    left = _CELLS // len(parts)
    done: set[int] = set()
    for index in (index for found in sorted(places, key=len) for index in found):
        if index not in done:
            start, stop = max(first, index - reach), min(last, index + reach)
            left -= stop - start
            if left < 0:
                return
            # A fit is whole in one of two ranges that overlap by half.
            done.update(range(index, index + reach // 2))
            yield start, stop


def _tells(text: str) -> bool:
    """Tell whether code that shares a token with a pattern could be meant by it."""
    return text[0].isalpha() or text[0] in "_\"'"


def _column(parts: Sequence[Part], first: int) -> list[_Cell]:
    """Give the column before the first token: all parts are left out."""
    column = [_Cell(0.0, first, "", 0)]
    for part in parts:
        column.append(_left_out(column[-1], part))
    return column


def _next(parts: Sequence[Part], token: Token, index: int, before: list[_Cell]) -> list[_Cell]:
    text = token.text
    column = [_Cell(0.0, index + 1, "", 0)]
    for at, part in enumerate(parts):
        old, here, above = before[at], before[at + 1], column[at]
        if part.name:
            taken = min(old, here)
            ways = [_Cell(taken.cost + _TAKEN, *taken[1:])] if text != ";" or part.many else []
            ways.append(above if part.many else _left_out(above, part))
        elif text == part.text:
            ways = [old]
        else:
            changed = f"{part.text} -> {text}"
            ways = [
                _Cell(old.cost + _CHANGED + _TAKEN, old.first, changed, old.changes + 1),
                _Cell(here.cost + _CHANGED, here.first, f"added {text}", here.changes + 1),
                _left_out(above, part),
            ]
        column.append(min(ways))
    return column


def _left_out(cell: _Cell, part: Part) -> _Cell:
    if part.many:
        return cell
    return _Cell(cell.cost + _CHANGED, cell.first, f"without {part.text}", cell.changes + 1)
