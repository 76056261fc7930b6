"""Slices of one lane nest or stand apart, and no lane is made that is not needed."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from tests.transforms.platforms.profile.runtime.command.commands import package

in_lanes = package("command.lanes").in_lanes
SLICES = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 12)), max_size=25)


def crossing(one: tuple[int, int], other: tuple[int, int]) -> bool:
    (start, end), (left, right) = sorted([(one[0], sum(one)), (other[0], sum(other))])
    return start < left < end < right


@given(SLICES)
def test_no_two_slices_of_a_lane_cross(slices: list[tuple[int, int]]) -> None:
    lanes = in_lanes(slices)
    assert len(lanes) == len(slices)
    for one, other in combinations(range(len(slices)), 2):
        if lanes[one] == lanes[other]:
            assert not crossing(slices[one], slices[other])


@given(SLICES)
def test_slices_that_never_cross_share_one_lane(slices: list[tuple[int, int]]) -> None:
    nested = [
        one
        for number, one in enumerate(slices)
        if not any(crossing(one, o) for o in slices[:number])
    ]
    if not any(crossing(one, other) for one, other in combinations(nested, 2)):
        assert set(in_lanes(nested)) <= {0}


def test_a_slice_that_begins_when_another_ends_is_beside_it() -> None:
    assert in_lanes([(0, 10), (10, 5), (2, 8), (9, 4)]) == [0, 0, 0, 1]
