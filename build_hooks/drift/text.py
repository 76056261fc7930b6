"""The matrix on a terminal: a character for each artifact, and below it every problem once."""

from __future__ import annotations

import json
import re
from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING

from build_hooks.drift.cell import ERROR, OUTCOMES
from build_hooks.drift.columns import column_name, series

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from build_hooks.drift.cell import Cell
    from build_hooks.drift.compatibility import Support
    from build_hooks.drift.matrix import Matrix, Row
    from build_hooks.lock import LockedArtifact

LETTERS = dict(zip(OUTCOMES, "AEODMCX", strict=True))
# There are two distributions, each with sdists and wheels.
_MARKS = "*+^"
_LINE = re.compile(r"\bline \d+|:\d+")
Piece = tuple[str, str]
"""Text, and the outcome that gives it its colour; empty for none."""
Line = list[Piece]


def matrix_lines(matrix: Matrix, width: int) -> Iterator[Line]:
    """Give one row of letters for each patch, in as many blocks as the width needs.

    Args:
        matrix: every patch on every artifact.
        width: characters in a line.
    """
    names = max((len(row.name) for row in matrix.rows), default=0)
    step = max(1, width - names - 2)
    marks = _marks(matrix.artifacts)
    for first in range(0, len(matrix.artifacts), step):
        block = matrix.artifacts[first : first + step]
        yield from _header(block, names, marks)
        for number, row in enumerate(matrix.rows):
            if number and row.platform != matrix.rows[number - 1].platform:
                yield []
            cells = [row.cells[column_name(locked)].outcome for locked in block]
            yield [(f"{row.name:<{names}}  ", ""), *((LETTERS[item], item) for item in cells)]
        yield []
    for origin, mark in marks.items():
        if origin:
            yield [(f"{mark} {origin}", "")]
    used = {cell.outcome for row in matrix.rows for cell in row.cells.values()}
    legend: Line = []
    for item in OUTCOMES:
        if item in used:
            legend += [("   " if legend else "", ""), (LETTERS[item], item), (f" {item}", "")]
    yield legend


def _marks(artifacts: Sequence[LockedArtifact]) -> dict[str, str]:
    """Give a mark to every kind of artifact that is no sdist of vLLM, and to those a blank."""
    others = sorted({series(locked) for locked in artifacts} - {""})
    return {"": " ", **dict(zip(others, _MARKS, strict=False))}


def _header(
    artifacts: Sequence[LockedArtifact], names: int, marks: Mapping[str, str]
) -> Iterator[Line]:
    """Write the releases from top to bottom, so that one takes one column, and marks below."""
    height = max(len(locked.release) for locked in artifacts)
    tall = [locked.release.ljust(height) + marks[series(locked)] for locked in artifacts]
    for number in range(height + 1):
        text = "".join(release[number] for release in tall)
        if text.strip():
            yield [(f"{'':<{names}}  {text}".rstrip(), "")]


def support_lines(supports: Sequence[Support]) -> Iterator[Line]:
    """Give what each platform does on which artifacts, a line for each.

    Args:
        supports: what `compatibility` gives.
    """
    names = dict.fromkeys(support.platform for support in supports)
    width = max(map(len, names), default=0)
    for name in names:
        column = [support for support in supports if support.platform == name]
        parts = [
            f"{state} on {spanned([support.column for support in run])}"
            for (state, _), run in groupby(column, lambda one: (one.state, one.series))
        ]
        yield [(f"{name:<{width}}  {'; '.join(parts)}", "")]


def problem_lines(matrix: Matrix) -> Iterator[Line]:
    """Give what is wrong, once for all neighbouring artifacts where it is the same."""
    yield from _shared_failures(matrix)
    for row in matrix.rows:
        for names in _runs(row, matrix.columns):
            last = names[-1]
            cell = row.cells[last]
            yield []
            head = f"{row.name}: {cell.outcome} on {_range(names)}"
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
    scale = f"{len(matrix.rows)} patches on {counted(matrix.artifacts)}"
    said = "PASS" if matrix.is_good else "FAIL"
    return [(said, "applied" if matrix.is_good else "missing"), (f": {scale}: {parts}", "")]


def counted(artifacts: Sequence[LockedArtifact]) -> str:
    """Say how many releases there are, and how many artifacts where these are more.

    Args:
        artifacts: the columns.
    """
    releases = _plural(len({locked.release for locked in artifacts}), "release")
    if len({locked.release for locked in artifacts}) == len(artifacts):
        return releases
    return f"{_plural(len(artifacts), 'artifact')} of {releases}"


def _plural(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


def _shared_failures(matrix: Matrix) -> Iterator[Line]:
    """Give what kept patches from being matched, once for all patches that it concerns."""
    concerned: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    for row in matrix.rows:
        for column, cell in row.cells.items():
            if not cell.is_verdict:
                concerned.setdefault(cell.message, []).append((row.name, column))
    for message, cells in concerned.items():
        patches = list(dict.fromkeys(name for name, _ in cells))
        columns = [item for item in matrix.columns if any(item == there for _, there in cells)]
        who = patches[0] if len(patches) == 1 else f"{len(patches)} patches"
        yield []
        yield [(f"{who}: {ERROR} on {_range(columns)}", ERROR)]
        for line in message:
            yield [(f"  {line}", "")]


def _runs(row: Row, columns: Sequence[str]) -> Iterator[list[str]]:
    """Give neighbouring artifacts where the same is wrong."""
    run: list[str] = []
    for column in columns:
        cell = row.cells[column]
        if run and _finding(cell) != _finding(row.cells[run[-1]]):
            yield run
            run = []
        if not cell.is_good and cell.is_verdict:
            run.append(column)
    if run:
        yield run


def _finding(cell: Cell) -> str:
    """Say what is wrong without the numbers of lines, which differ where the finding does not."""
    problems = [{**problem, "line": 0} for problem in cell.problems]
    return _LINE.sub("line", json.dumps([cell.outcome, problems, cell.checks]))


def spanned(columns: Sequence[str]) -> str:
    """Name neighbouring artifacts by the first and the last.

    Args:
        columns: the artifacts' names; one at least.
    """
    return columns[0] if len(columns) == 1 else f"{columns[0]} to {columns[-1]}"


def _range(columns: Sequence[str]) -> str:
    if len(columns) == 1:
        return columns[0]
    word = "releases" if not any(" " in column for column in columns) else "artifacts"
    return f"{spanned(columns)} ({len(columns)} {word})"
