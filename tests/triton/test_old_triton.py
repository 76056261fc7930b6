"""Kernels of the built wheel compile where stock ones stop at an annotated assignment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.triton.comparison import Comparison
from tests.triton.release import OLD

if TYPE_CHECKING:
    from tests.triton.release import Release
    from tests.triton.replay import Replay, Replays

pytestmark = pytest.mark.triton


@dataclass(frozen=True)
class Floor:
    """The least that Triton 3.1.0 must compile of a built wheel."""

    kernels: int
    functions: int
    annotated: int


FLOORS = {
    "0.10.0": Floor(kernels=60, functions=64, annotated=3),
    "0.14.1": Floor(kernels=109, functions=111, annotated=3),
    "0.33.0": Floor(kernels=599, functions=641, annotated=67),
}
"""What was measured once by hand; the recorded configurations must not come to less."""


@pytest.fixture(params=FLOORS)
def version(request: pytest.FixtureRequest) -> str:
    release: str = request.param
    return release


@pytest.fixture
def stock(replays: Replays, version: str) -> Replay:
    return replays[version, OLD, "stock"]


@pytest.fixture
def built(replays: Replays, version: str) -> Replay:
    return replays[version, OLD, "built"]


def test_stock_kernels_fail_with_the_error_of_the_seed_and_built_ones_compile(
    stock: Replay, built: Replay
) -> None:
    failed = {attempt.number for attempt in stock.attempts if attempt.meets_seed_error}
    assert failed, "no stock kernel meets the error: this Triton proves nothing"
    gained = {attempt.number for attempt in Comparison(stock, built).gained}
    assert gained, "no kernel was gained"
    assert gained <= failed, "a kernel was gained that did not fail at an annotation"


def test_no_built_kernel_meets_the_error_of_the_seed(built: Replay) -> None:
    assert not [attempt for attempt in built.attempts if attempt.meets_seed_error]


def test_built_kernels_compile_at_least_as_far_as_measured(
    built: Replay, version: str, releases: dict[str, Release]
) -> None:
    reached = Floor(
        kernels=len(built.compiled_roots),
        functions=len(built.reached),
        annotated=len(built.reached & releases[version].annotated),
    )
    floor = FLOORS[version]
    assert reached.kernels >= floor.kernels
    assert reached.functions >= floor.functions
    assert reached.annotated >= floor.annotated


def test_what_compiled_before_compiles_to_the_same(stock: Replay, built: Replay) -> None:
    comparison = Comparison(stock, built)
    assert not comparison.broken
    assert not comparison.changed
    assert len(comparison.identical) == len(comparison.compiled_before) > 0
