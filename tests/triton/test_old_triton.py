"""Kernels of the built wheel compile where stock ones stop at what old Triton lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from build_hooks.triton.comparison import Comparison
from tests.triton.exceptions import DECIDED, MENDED, MOVED
from tests.triton.release import ADDED, FLOORS, OLD, SHOWN
from tests.triton.replay import meets_seed_error

if TYPE_CHECKING:
    from build_hooks.triton.replay import Replay
    from tests.triton.release import Release
    from tests.triton.replay import Replays

pytestmark = pytest.mark.triton


@pytest.fixture(params=FLOORS)
def version(request: pytest.FixtureRequest) -> str:
    release: str = request.param
    return release


@pytest.fixture
def release(releases: dict[str, Release], version: str) -> Release:
    return releases[version]


@pytest.fixture
def stock(replays: Replays, version: str) -> Replay:
    return replays[version, OLD, "stock"]


@pytest.fixture
def built(replays: Replays, version: str) -> Replay:
    return replays[version, OLD, "built"]


def test_stock_kernels_fail_with_the_error_of_the_seed_and_built_ones_compile(
    stock: Replay, built: Replay
) -> None:
    failed = {attempt.number for attempt in stock.attempts if meets_seed_error(attempt)}
    assert failed, "no stock kernel meets the error: this Triton proves nothing"
    gained = {attempt.number for attempt in Comparison(stock, built).gained}
    assert failed & gained, "no kernel that failed at an annotation was gained"


def test_no_built_kernel_meets_the_error_of_the_seed(built: Replay) -> None:
    assert not [attempt for attempt in built.attempts if meets_seed_error(attempt)]


def test_built_kernels_compile_at_least_as_far_as_measured(
    built: Replay, version: str, release: Release
) -> None:
    """Where a sample was compiled, no more may fail than of all of them."""
    floor = FLOORS[version]
    failed = built.roots - built.compiled_roots
    assert len(failed) <= len(release.roots) - floor.kernels, sorted(failed)
    if release.jobs == release.recorded:
        reached = built.reached & {function.ident for function in release.census}
        assert len(reached) >= floor.functions
        assert len(reached & release.annotated) >= floor.annotated


@pytest.mark.parametrize(
    ("version", "kernel"), [(version, kernel) for version in SHOWN for kernel in SHOWN[version]]
)
def test_attention_and_sampling_compile(replays: Replays, version: str, kernel: str) -> None:
    """All of their configurations do, but for those that ask for tensor descriptors."""
    attempts = [
        attempt
        for attempt in replays[version, OLD, "built"].attempts
        if attempt.ident.rpartition("::")[2] == kernel
    ]
    assert any(attempt.compiled for attempt in attempts)
    reasons = [attempt.error[-1] for attempt in attempts if not attempt.compiled]
    assert [reason for reason in reasons if "tl.make_tensor_descriptor needs" not in reason] == []


def test_what_compiled_before_compiles_to_the_same(
    stock: Replay, built: Replay, version: str
) -> None:
    comparison = Comparison(stock, built)
    assert not comparison.broken
    assert comparison.identical
    code = {before.number: before.ttir for before, _ in comparison.compiled_before}
    changed = {one.ident for one in comparison.changed if one.ttir != code[one.number]}
    assert changed == (MENDED[version] | MOVED[version]) & stock.roots


def test_what_calls_no_helper_has_the_same_ir_from_the_start(
    stock: Replay, built: Replay, version: str
) -> None:
    """A helper of the added module is a function of its own until TTIR has it inlined."""
    changed = Comparison(stock, built).changed
    others = {
        one.ident
        for one in changed
        if not any(ident.startswith(f"{ADDED}::") for ident in one.reached)
    }
    assert others == DECIDED[version] & stock.roots


def test_no_built_decorator_names_an_option_that_this_triton_lacks(built: Replay) -> None:
    """The runner leaves such options out, and says so; a real launch could not."""
    assert [note for note in built.notes if "jit() has no" in note] == []
