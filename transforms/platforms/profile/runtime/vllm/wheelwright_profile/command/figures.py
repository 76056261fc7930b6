# SPDX-License-Identifier: Apache-2.0
"""Figures of many values: percentiles, shares, and how far values are from each other."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

NS_IN_MS = 1e6
NS_IN_S = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """What is worth to know of many values; all of them in the unit of the values.

    Attributes:
        count: how many values there are.
        total: their sum.
        mean: their mean.
        p50: the median.
        p95: 95 of 100 are at most this.
        max: the greatest.
    """

    count: int
    total: float
    mean: float
    p50: float
    p95: float
    max: float

    def document(self) -> dict[str, float]:
        """Give the figures by their names, for JSON."""
        return {name: getattr(self, name) for name in self.__slots__}


def distribution(values: Iterable[float]) -> Distribution | None:
    """Give the distribution of values; None where there is no value."""
    ordered = sorted(values)
    if not ordered:
        return None
    total = math.fsum(ordered)
    return Distribution(
        count=len(ordered),
        total=total,
        mean=total / len(ordered),
        p50=percentile(ordered, 50),
        p95=percentile(ordered, 95),
        max=ordered[-1],
    )


def percentile(ordered: Sequence[float], percent: float) -> float:
    """Give a percentile, between two values in proportion (numpy's and statistics' `inclusive`).

    Args:
        ordered: the values from the least to the greatest; at least one.
        percent: 0 to 100.
    """
    place = (len(ordered) - 1) * percent / 100
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def share(part: float, whole: float) -> float | None:
    """Give a part in percent of a whole; None of a whole that is nothing."""
    return 100 * part / whole if whole else None


def deviation(values: Sequence[float]) -> float:
    """Give the standard deviation of values that are all there are (population, not sample)."""
    mean = math.fsum(values) / len(values)
    return math.sqrt(math.fsum((value - mean) ** 2 for value in values) / len(values))


def max_min_ratio(values: Sequence[float]) -> float | None:
    """Say how many times the least is in the greatest.

    Returns:
        infinity where only the least is 0; None where all are, since none is more than another.
    """
    if not max(values):
        return None
    return max(values) / min(values) if min(values) else math.inf
