# SPDX-License-Identifier: Apache-2.0
"""Cut a session's time into equal columns, so that a plot of any length stays small."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..figures import NS_IN_S, percentile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# As many as a screen can show side by side.
COUNT = 240

Span = tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Equal parts of a time.

    Attributes:
        start: when the first begins, in seconds since the session began.
        width: how long each is, in seconds.
        count: how many there are.
    """

    start: float
    width: float
    count: int = COUNT

    @property
    def end(self) -> float:
        """When the last one ends, in seconds since the session began."""
        return self.start + self.width * self.count

    def moment(self, part: float) -> str:
        """Say which time is so far into the columns, as exactly as it takes to tell columns apart.

        Args:
            part: 0 for the beginning, 1 for the end.
        """
        whole = self.end - self.start
        decimals = max(0, 1 - math.floor(math.log10(whole)))
        return f"{self.start + part * whole:,.{decimals}f} s"

    def place(self, seconds: float) -> int:
        """Give the column that a time falls into."""
        place = int((seconds - self.start) / self.width)
        return min(max(place, 0), self.count - 1)

    def gather(
        self, rows: Iterable[Any], seconds: Callable[[Any], float], value: Callable[[Any], float]
    ) -> list[list[float]]:
        """Give the values of the rows of each column."""
        found: list[list[float]] = [[] for _ in range(self.count)]
        for row in rows:
            found[self.place(seconds(row))].append(value(row))
        return found


def columns_of(times_ns: Iterable[int], began_ns: int) -> Columns:
    """Give columns that hold all times.

    Args:
        times_ns: at least one, in nanoseconds since 1970.
        began_ns: when the session began.
    """
    times = list(times_ns)
    start, end = ((time - began_ns) / NS_IN_S for time in (min(times), max(times)))
    # A single moment gets columns, too.
    return Columns(start=start, width=max(end - start, 1e-3) / COUNT)


def means(columns: list[list[float]]) -> list[float | None]:
    """Give each column's mean."""
    return [sum(values) / len(values) if values else None for values in columns]


def greatest(columns: list[list[float]]) -> list[float | None]:
    """Give each column's greatest value."""
    return [max(values, default=None) for values in columns]


def sums(columns: list[list[float]]) -> list[float | None]:
    """Give each column's sum; None where it is 0."""
    return [sum(values) or None for values in columns]


def spans(columns: list[list[float]]) -> list[Span | None]:
    """Give each column's least value, median and greatest value."""
    ordered = [sorted(values) for values in columns]
    return [
        (values[0], percentile(values, 50), values[-1]) if values else None for values in ordered
    ]


def held(values: list[float | None]) -> list[float | None]:
    """Let a state last: a column without a value has that of the column before."""
    result: list[float | None] = []
    for value in values:
        result.append(value if value is not None or not result else result[-1])
    return result
