"""How far code is from a pattern: the cheapest way to turn one's labels into the other's.

An edit distance over the labels of two syntax trees, outer nodes first. A label can be dropped,
added or changed; so can a whole subtree, for less than its labels one by one, which keeps an added
argument or a call around something near. A metavariable takes what it could bind at no cost.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.explaining.labels import MANY, ONE, STATEMENTS, Label, Labels

if TYPE_CHECKING:
    from collections.abc import Iterator

_LABEL = 1.0
_OTHER_KIND = 1.6
_OTHER_TEXT = 0.6
_OTHER_LITERAL = 0.5
_SIMILAR_TEXT = 0.4
# An argument more or less is the change that upstream makes most.
_ARGUMENT = 0.5
_ADDED_MORE = 0.2
_ADDED_MOST = 3.0
# What the author named and is not there counts almost label by label.
_DROPPED_MORE = 0.7
_SHORTEST_PART = 3


@dataclass(frozen=True, slots=True)
class Change:
    """One step from a pattern to the code that is there.

    Attributes:
        wanted: the index of the pattern's label that is changed or dropped; None for an addition.
        there: the index of the code's label; None where a label is dropped.
        whole: whether all that is below goes with it.
    """

    wanted: int | None
    there: int | None
    whole: bool = False

    def is_whole(self, found: Distances) -> bool:
        """Tell whether nothing of what stands below stays."""
        if self.there is None:
            return self.whole or found.wanted.ends[self.wanted or 0] == (self.wanted or 0) + 1
        return self.whole or found.there.ends[self.there] == self.there + 1


@dataclass(frozen=True, slots=True)
class Distances:
    """All distances between the ends of a pattern and the ends of some code.

    Attributes:
        wanted: the pattern's labels.
        there: the code's.
        costs: row by row, the distance from each label of the pattern on to each of the code on.
    """

    wanted: Labels
    there: Labels
    costs: list[list[float]]

    @property
    def total(self) -> float:
        """The distance of all of one from all of the other."""
        return self.costs[0][0]

    def changes(self) -> list[Change]:
        """Give the steps of one cheapest way, in the order of the code."""
        steps: list[Change] = []
        row, column = 0, 0
        while row < len(self.wanted.labels) or column < len(self.there.labels):
            ways = list(_ways(self.wanted, self.there, row, column))
            costs = [cost + self.costs[to_row][to_column] for cost, _, to_row, to_column in ways]
            _, change, row, column = ways[costs.index(min(costs))]
            if change is not None:
                steps.append(change)
        return steps


def distances(wanted: Labels, there: Labels) -> Distances:
    """Compare a pattern with some code, all of it with all of it."""
    rows, columns = len(wanted.labels), len(there.labels)
    costs = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for row in range(rows, -1, -1):
        for column in range(columns, -1, -1):
            if row < rows or column < columns:
                costs[row][column] = min(
                    cost + costs[to_row][to_column]
                    for cost, _, to_row, to_column in _ways(wanted, there, row, column)
                )
    return Distances(wanted, there, costs)


def _ways(
    wanted: Labels, there: Labels, row: int, column: int
) -> Iterator[tuple[float, Change | None, int, int]]:
    """Give what can be done next, the plainest first: its cost, and where it leads."""
    label = wanted.labels[row] if row < len(wanted.labels) else None
    other = there.labels[column] if column < len(there.labels) else None
    if label is not None and other is not None:
        if label.kind == MANY:
            if label.text != STATEMENTS or isinstance(there.nodes[column], ast.stmt):
                yield 0.0, None, row, there.ends[column]
        elif label.kind == ONE:
            if isinstance(there.nodes[column], ast.expr):
                yield 0.0, None, row + 1, there.ends[column]
        elif label == other or (label.is_open and label.kind == other.kind):
            yield 0.0, None, row + 1, column + 1
        else:
            yield _changed(label, other), Change(row, column), row + 1, column + 1
    if label is not None:
        if label.kind == MANY:
            yield 0.0, None, row + 1, column
        else:
            yield _LABEL, Change(row, None), row + 1, column
            end = wanted.ends[row]
            cost = _LABEL + _DROPPED_MORE * (end - row - 1)
            yield cost, Change(row, None, whole=True), end, column
    if other is not None:
        yield _LABEL, Change(None, column), row, column + 1
        end = there.ends[column]
        cost = min(_LABEL + _ADDED_MORE * (end - column - 1), _ADDED_MOST)
        cost = _ARGUMENT if other.kind in {"arg", "keyword"} else cost
        yield cost, Change(None, column, whole=True), row, end


def _changed(label: Label, other: Label) -> float:
    if label.kind == other.kind:
        if _similar(label.text, other.text):
            return _SIMILAR_TEXT
        return _OTHER_LITERAL if label.kind == "Constant" else _OTHER_TEXT
    return _OTHER_TEXT if label.text and label.text == other.text else _OTHER_KIND


def _similar(text: str, other: str) -> bool:
    """Tell whether two names share a word, e.g. `device_type` and `type`."""
    shared = set(text.strip("'_").split("_")) & set(other.strip("'_").split("_"))
    return any(len(word) >= _SHORTEST_PART for word in shared)
