"""The closest commands to a pattern that matched nothing, and what one thing differs in them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from transforms.engine.cmake.syntax import Block, Command, Hole, lists_of
from transforms.engine.explaining.closest import Closest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transforms.engine.cmake.syntax import Statement
    from transforms.engine.syntax.source import Source

# In changes for each word of a pattern: what is farther away says nothing to its author.
CLOSE_ENOUGH = 0.6
# What is missing is taken for changed only where most of it is still there.
HARDLY_CHANGED = 0.3
_CHANGED = 0.8
_CANDIDATES = 60
_LONGEST = 200
_TIMES_LONGER = 3
_SHOWN = 60


class Word(NamedTuple):
    """A command's name or one argument.

    Attributes:
        text: as it is written; a name ends with its parenthesis.
        is_hole: a metavariable, which takes other words at no cost.
        many: it takes any number of them.
    """

    text: str
    is_hole: bool = False
    many: bool = False


def closest_to(
    pattern: Sequence[Statement],
    statements: tuple[Statement, ...],
    source: Source,
    most: float = CLOSE_ENOUGH,
) -> Closest:
    """Find the commands that are the fewest changes of words away from a pattern.

    Args:
        pattern: what was looked for.
        statements: where it was looked for.
        source: the file.
        most: how many changes there may be for each word of the pattern.
    """
    wanted = _words(pattern)[:_LONGEST]
    size = sum(not word.is_hole for word in wanted)
    best: tuple[Statement, ...] = ()
    least, changes = most * max(1, size), list[str]()
    for candidate in _likely(wanted, pattern, statements):
        words = _words(candidate)[: _TIMES_LONGER * len(wanted) + 20]
        far, differing = _distance(wanted, words)
        if far < least:
            best, least, changes = candidate, far, differing
    if not best:
        return Closest()
    line = source.line_of(best[0].start)
    start, end = source.line_start(line), source.line_start(line + 1)
    text = source.data[start:end].decode("utf-8", "replace").strip()
    return Closest(text, line, changes[0] if len(changes) == 1 else "")


def _likely(
    wanted: Sequence[Word], pattern: Sequence[Statement], statements: tuple[Statement, ...]
) -> list[tuple[Statement, ...]]:
    """Give the runs of commands that share most words with the pattern."""
    looked_for = Counter(word.text for word in wanted if not word.is_hole)
    scored = []
    for candidate in _windows(statements, len(pattern)):
        there = Counter(word.text for word in _words(candidate))
        shared = sum((looked_for & there).values())
        if shared:
            scored.append((shared / (10 + there.total()), candidate))
    scored.sort(key=lambda pair: -pair[0])
    return [candidate for _, candidate in scored[:_CANDIDATES]]


def _windows(statements: tuple[Statement, ...], count: int) -> Iterator[tuple[Statement, ...]]:
    """Give consecutive commands; one more or less than wanted is a change upstream makes."""
    for block in lists_of(statements):
        for first in range(len(block)):
            for length in range(max(1, count - 1), count + 2):
                if first + length <= len(block):
                    yield block[first : first + length]


def _words(statements: Sequence[Statement]) -> list[Word]:
    words: list[Word] = []
    for statement in statements:
        if isinstance(statement, Hole):
            words.append(_hole(statement))
        elif isinstance(statement, Block):
            for header, body in statement.branches:
                words += [*_own(header), *_words(body)]
        else:
            words += _own(statement)
    return words


def _own(command: Command) -> list[Word]:
    arguments = [
        _hole(item) if isinstance(item, Hole) else Word(item.text) for item in command.meant
    ]
    return [Word(f"{command.name}("), *arguments]


def _hole(hole: Hole) -> Word:
    return Word("$" * (1 + hole.many) + hole.name, is_hole=True, many=hole.many)


def _distance(wanted: Sequence[Word], there: Sequence[Word]) -> tuple[float, list[str]]:
    """Give the edit distance of two lists of words, and each change of one cheapest way."""
    rows, columns = len(wanted), len(there)
    costs = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for row in range(rows, -1, -1):
        for column in range(columns, -1, -1):
            if row < rows or column < columns:
                costs[row][column] = min(
                    cost + costs[down][right]
                    for cost, _, down, right in _ways(wanted, there, row, column)
                )
    row = column = 0
    changes = []
    while row < rows or column < columns:
        ways = list(_ways(wanted, there, row, column))
        totals = [cost + costs[down][right] for cost, _, down, right in ways]
        _, change, row, column = ways[totals.index(min(totals))]
        if change:
            changes.append(change)
    return costs[0][0], changes


def _ways(
    wanted: Sequence[Word], there: Sequence[Word], row: int, column: int
) -> Iterator[tuple[float, str, int, int]]:
    """Give what can be done next: its cost, what it changes, and where it leads."""
    word = wanted[row] if row < len(wanted) else None
    other = there[column] if column < len(there) else None
    if word is not None and word.many:
        yield 0.0, "", row + 1, column
        if other is not None:
            yield 0.0, "", row, column + 1
    elif word is not None:
        if other is not None and (word.is_hole or word.text == other.text):
            yield 0.0, "", row + 1, column + 1
        elif other is not None:
            yield _CHANGED, f"{_short(word.text)} -> {_short(other.text)}", row + 1, column + 1
        yield 1.0, f"without {_short(word.text)}", row + 1, column
    if other is not None:
        yield 1.0, f"added {_short(other.text)}", row, column + 1


def _short(text: str) -> str:
    first, more, _ = text.partition("\n")
    return f"{first[:_SHOWN].rstrip()}..." if more or len(first) > _SHOWN else first
