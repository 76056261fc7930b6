# SPDX-License-Identifier: Apache-2.0
"""What waits to be written: rows, points that were passed, and what was lost.

Others append while one thread takes: a list is emptied by steps that no append can come between,
and is never exchanged for another, so that no row goes to a list that is no longer looked at.
"""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .tables import Row

Item = TypeVar("Item")

# How many rows wait at most; further ones are lost, and counted.
LIMIT = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What one flush writes.

    Attributes:
        rows: with their tables, in the order in which they came.
        passed: how often each point was passed, as not yet written.
        losses: how many rows of each table were lost, as not yet written.
    """

    rows: list[tuple[str, Row]]
    passed: Mapping[str, int]
    losses: Mapping[str, int]

    def batches(self, time_ns: int) -> dict[str, list[Row]]:
        """Give the rows by table, with those of `points` and `losses`.

        Args:
            time_ns: of the flush, for these two.
        """
        batches: dict[str, list[Row]] = {}
        for table, row in self.rows:
            batches.setdefault(table, []).append(row)
        for table, counts in (("points", self.passed), ("losses", self.losses)):
            if counts:
                batches[table] = [(time_ns, what, count) for what, count in counts.items()]
        return batches


class Buffer:
    """The rows of one process that are not yet written.

    Attributes:
        rows: a table's name and a row; append to it, while there are fewer than `LIMIT`.
        passed: names of points; append to it, while there are fewer than `LIMIT`.
    """

    def __init__(self) -> None:
        self.rows: list[tuple[str, Row]] = []
        self.passed: list[str] = []
        self._passed: Counter[str] = Counter()
        self._losses: Counter[str] = Counter()
        # A signal's handler may come in between, in the same thread.
        self._counting = threading.RLock()

    @property
    def has_losses(self) -> bool:
        """Whether there are losses that are not written."""
        return bool(self._losses)

    def lose(self, what: str, count: int = 1) -> None:
        """Count what is lost: a table's rows, or `trouble: ...`."""
        with self._counting:
            self._losses[what] += count

    def take(self) -> Taken:
        """Take all rows out; counts stay until they are written."""
        rows = _emptied(self.rows)
        self._passed.update(_emptied(self.passed))
        with self._counting:
            return Taken(rows=rows, passed=dict(self._passed), losses=dict(self._losses))

    def wrote(self, taken: Taken) -> None:
        """Forget the counts that were written."""
        self._passed.clear()  # only who takes adds to them
        with self._counting:
            self._losses.subtract(taken.losses)
            self._losses = +self._losses

    def lost(self, taken: Taken) -> None:
        """Count the rows that were taken as lost."""
        with self._counting:
            self._losses.update(table for table, _ in taken.rows)

    def put_back(self, taken: Taken) -> None:
        """Have the rows wait again, in front of those that came since."""
        self.rows[:0] = taken.rows

    def clear(self) -> None:
        """Forget everything."""
        self._counting = threading.RLock()
        for held in (self.rows, self.passed, self._passed, self._losses):
            held.clear()


def _emptied(items: list[Item]) -> list[Item]:
    count = len(items)
    taken = items[:count]
    del items[:count]
    return taken
