"""The matrix on a terminal: a character for each release, and below it every problem once."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING

from build_hooks.drift.cell import ERROR, OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from build_hooks.drift.cell import Cell
    from build_hooks.drift.matrix import Matrix, Row

LETTERS = dict(zip(OUTCOMES, "AEODMCX", strict=True))
_LINE = re.compile(r"\bline \d+|:\d+")
Piece = tuple[str, str]
"""Text, and the outcome that gives it its colour; empty for none."""
Line = list[Piece]


def matrix_lines(matrix: Matrix, width: int) -> Iterator[Line]:
    """Give one row of letters for each patch, in as many blocks as the width needs.

    Args:
        matrix: every patch on every release.
        width: characters in a line.
    """
    names = max((len(row.name) for row in matrix.rows), default=0)
    step = max(1, width - names - 2)
    for first in range(0, len(matrix.releases), step):
        block = matrix.releases[first : first + step]
        yield from _header(block, names)
        for number, row in enumerate(matrix.rows):
            if number and row.platform != matrix.rows[number - 1].platform:
                yield []
            cells = [row.cells[release].outcome for release in block]
            yield [(f"{row.name:<{names}}  ", ""), *((LETTERS[item], item) for item in cells)]
        yield []
    used = {cell.outcome for row in matrix.rows for cell in row.cells.values()}
    legend: Line = []
    for item in OUTCOMES:
        if item in used:
            legend += [("   " if legend else "", ""), (LETTERS[item], item), (f" {item}", "")]
    yield legend


def _header(releases: Sequence[str], names: int) -> Iterator[Line]:
    """Write the releases from top to bottom, so that one takes one column."""
    height = max(map(len, releases))
    tall = [release.ljust(height) for release in releases]
    for number in range(height):
        text = "".join(release[number] for release in tall)
        yield [(f"{'':<{names}}  {text}".rstrip(), "")]


def problem_lines(matrix: Matrix) -> Iterator[Line]:
    """Give what is wrong, once for all neighbouring releases where it is the same."""
    yield from _shared_failures(matrix)
    for row in matrix.rows:
        for releases in _runs(row, matrix.releases):
            last = releases[-1]
            cell = row.cells[last]
            yield []
            head = f"{row.name}: {cell.outcome} on {_range(releases)}"
            yield [(head, cell.outcome)]
            for line in cell.message:
                yield [(f"  {line}", "")]
            change = row.changes.get(last)
            if change:
                yield [(f"  it was last applied on {change.base}", "")]
                for note in change.notes:
                    yield [(f"    {note}", "")]


def verdict_line(matrix: Matrix) -> Line:
    """Sum up all cells in a line that agrees with the exit code."""
    counts = Counter(cell.outcome for row in matrix.rows for cell in row.cells.values())
    parts = ", ".join(f"{counts[item]} {item}" for item in OUTCOMES if counts[item])
    releases = len(matrix.releases)
    scale = f"{len(matrix.rows)} patches on {releases} release{'s' if releases != 1 else ''}"
    said = "PASS" if matrix.is_good else "FAIL"
    return [(said, "applied" if matrix.is_good else "missing"), (f": {scale}: {parts}", "")]


def _shared_failures(matrix: Matrix) -> Iterator[Line]:
    """Give what kept patches from being matched, once for all patches that it concerns."""
    concerned: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    for row in matrix.rows:
        for release, cell in row.cells.items():
            if not cell.is_verdict:
                concerned.setdefault(cell.message, []).append((row.name, release))
    for message, cells in concerned.items():
        patches = list(dict.fromkeys(name for name, _ in cells))
        releases = [item for item in matrix.releases if any(item == there for _, there in cells)]
        who = patches[0] if len(patches) == 1 else f"{len(patches)} patches"
        yield []
        yield [(f"{who}: {ERROR} on {_range(releases)}", ERROR)]
        for line in message:
            yield [(f"  {line}", "")]


def _runs(row: Row, releases: Sequence[str]) -> Iterator[list[str]]:
    """Give neighbouring releases where the same is wrong."""
    run: list[str] = []
    for release in releases:
        cell = row.cells[release]
        if run and _finding(cell) != _finding(row.cells[run[-1]]):
            yield run
            run = []
        if not cell.is_good and cell.is_verdict:
            run.append(release)
    if run:
        yield run


def _finding(cell: Cell) -> str:
    """Say what is wrong without the numbers of lines, which differ where the finding does not."""
    problems = [{**problem, "line": 0} for problem in cell.problems]
    return _LINE.sub("line", json.dumps([cell.outcome, problems, cell.checks]))


def _range(releases: Sequence[str]) -> str:
    if len(releases) == 1:
        return releases[0]
    return f"{releases[0]} to {releases[-1]} ({len(releases)} releases)"
