"""The figures are those of the standard library."""

from __future__ import annotations

import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transforms.platforms.profile.runtime.command.commands import package

figures = package("command.figures")
VALUES = st.lists(st.floats(-1e9, 1e9), min_size=2, max_size=60)


@given(VALUES)
def test_percentiles_are_those_of_the_statistics_module(values: list[float]) -> None:
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    found = figures.distribution(values)
    assert found.p50 == pytest.approx(statistics.median(values), abs=1e-3)
    assert found.p95 == pytest.approx(cuts[94], abs=1e-3)
    assert found.max == max(values)
    assert found.mean == pytest.approx(statistics.fmean(values), abs=1e-3)
    assert found.count == len(values)
    assert found.total == pytest.approx(math.fsum(values))


@given(VALUES)
def test_the_deviation_is_that_of_the_whole_population(values: list[float]) -> None:
    assert figures.deviation(values) == pytest.approx(statistics.pstdev(values), abs=1e-3)


def test_no_values_have_no_distribution() -> None:
    assert figures.distribution([]) is None


def test_a_part_of_nothing_is_no_share() -> None:
    assert figures.share(0, 0) is None
    assert figures.share(1, 4) == 25


@pytest.mark.parametrize(
    ("counts", "ratio"), [([4, 2, 8], 4), ([0, 3], math.inf), ([0, 0], None), ([5], 1)]
)
def test_the_greatest_is_held_against_the_least(counts: list[int], ratio: float | None) -> None:
    assert figures.max_min_ratio(counts) == ratio
