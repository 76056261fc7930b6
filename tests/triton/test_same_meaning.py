"""The built wheel's kernels mean what stock ones mean, to a Triton that takes both."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.triton.comparison import Comparison
from tests.triton.release import REFERENCES

if TYPE_CHECKING:
    from tests.triton.release import Release
    from tests.triton.replay import Replays

pytestmark = pytest.mark.triton

WITHOUT_SIGNATURE: dict[str, set[str]] = {"0.10.0": set(), "0.14.1": set(), "0.33.0": set()}
"""The jit functions in changed files that no recorded configuration reaches, for want of one."""


def compare(replays: Replays, version: str, kind: str) -> Comparison:
    triton = REFERENCES[version]
    return Comparison(replays[version, triton, "stock"], replays[version, triton, kind])


@pytest.mark.parametrize("version", REFERENCES)
def test_ttir_without_locations_is_identical(replays: Replays, version: str) -> None:
    comparison = compare(replays, version, "built")
    assert not comparison.broken
    assert not comparison.changed
    assert len(comparison.identical) == len(comparison.compiled_before) > 0


@pytest.mark.parametrize("version", REFERENCES)
def test_no_jit_function_comes_or_goes(replays: Replays, version: str) -> None:
    comparison = compare(replays, version, "built")
    assert comparison.before.jit_functions == comparison.after.jit_functions
    assert comparison.before.cache_keys.keys() == comparison.after.cache_keys.keys()


@pytest.mark.parametrize("version", REFERENCES)
def test_the_changed_files_kernels_are_among_the_identical(
    replays: Replays, version: str, releases: dict[str, Release]
) -> None:
    affected = releases[version].affected
    assert affected, "the build changed no file that has kernels"
    unproven = affected - compare(replays, version, "built").identical_functions
    assert unproven == WITHOUT_SIGNATURE[version]


def test_dropping_constexpr_annotations_too_is_seen_to_break(
    replays: Replays, releases: dict[str, Release]
) -> None:
    comparison = compare(replays, "0.33.0", "naive")
    assert comparison.broken
    annotated = releases["0.33.0"].annotated
    reaching = [before for before, _ in comparison.compiled_before if annotated & {*before.reached}]
    numbers = {attempt.number for attempt in reaching}
    assert numbers >= {attempt.number for attempt in comparison.harmed}, "no annotation, yet harmed"
