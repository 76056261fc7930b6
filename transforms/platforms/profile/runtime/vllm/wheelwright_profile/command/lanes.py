# SPDX-License-Identifier: Apache-2.0
"""Put slices of time into lanes in which they nest: what a trace viewer can draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Lanes:
    """Gives each slice the first lane in which it stands beside or within all others, never across.

    Viewers refuse slices of one track that overlap and do not nest. Slices must come in the order
    of their starts, the longer one first where starts are equal.
    """

    def __init__(self) -> None:
        # For each lane the ends of the slices that are open, the outermost first.
        self._open: list[list[int]] = []

    def place(self, start: int, end: int) -> int:
        """Give the number of the lane for a slice from `start` to `end`."""
        for number, ends in enumerate(self._open):
            while ends and ends[-1] <= start:
                ends.pop()
            if not ends or end <= ends[-1]:
                ends.append(end)
                return number
        self._open.append([end])
        return len(self._open) - 1


def in_lanes(slices: Iterable[tuple[int, int]]) -> list[int]:
    """Give the lane of each slice (start, duration), in the order in which they are given.

    Args:
        slices: in any order.
    """
    lanes = Lanes()
    given = list(slices)
    result = [0] * len(given)
    for place in sorted(range(len(given)), key=lambda one: (given[one][0], -given[one][1])):
        start, duration = given[place]
        result[place] = lanes.place(start, start + duration)
    return result
