"""The built wheel's kernels mean what stock ones mean, to a Triton that takes both."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from build_hooks.triton.comparison import Comparison
from tests.triton.exceptions import OTHER_RAW_IR, WITHOUT_ADVICE, WITHOUT_SIGNATURE
from tests.triton.release import ADDED, PAIRS, REFERENCES
from tests.triton.replay import same_jobs

if TYPE_CHECKING:
    from build_hooks.triton.replay import Replay
    from tests.triton.release import Release
    from tests.triton.replay import Replays

pytestmark = pytest.mark.triton

OTHER_TYPES = {
    "model_executor/layers/fused_moe/experts/fused_batched_moe.py::moe_mmk": (
        "never launched: only other kernels call it, and they pass what they have"
    ),
    "v1/attention/ops/triton_unified_attention.py::kernel_unified_attention": (
        "3.1.0 takes `int | None` for a type `i | None`, which it has not"
    ),
}
"""The functions of which a parameter that is no constexpr loses its annotation, and why it may."""
TYPE = 3
"""The column of a parameter's row that holds the annotation's type."""


def both(replays: Replays, version: str, triton: str) -> tuple[Replay, Replay]:
    return replays[version, triton, "stock"], replays[version, triton, "built"]


def on_reference(replays: Replays, version: str) -> Comparison:
    return Comparison(*both(replays, version, REFERENCES[version]))


@pytest.mark.parametrize("version", REFERENCES)
def test_raw_ir_and_ttir_without_locations_are_identical(replays: Replays, version: str) -> None:
    comparison = on_reference(replays, version)
    assert not comparison.broken
    changed = {attempt.ident for attempt in comparison.changed}
    assert changed == WITHOUT_ADVICE[version] | OTHER_RAW_IR[version]
    assert comparison.identical


@pytest.mark.parametrize("version", REFERENCES)
def test_where_raw_ir_is_another_the_ttir_is_the_same(replays: Replays, version: str) -> None:
    pairs = on_reference(replays, version).compiled_before
    ttir = {before.ident for before, after in pairs if before.ttir != after.ttir}
    assert ttir == WITHOUT_ADVICE[version]


@pytest.mark.parametrize(("version", "triton"), PAIRS)
def test_only_the_added_module_brings_jit_functions(
    replays: Replays, version: str, triton: str
) -> None:
    stock, built = both(replays, version, triton)
    assert stock.cache_keys.keys() <= built.cache_keys.keys()
    added = built.cache_keys.keys() - stock.cache_keys.keys()
    assert {ident.partition("::")[0] for ident in added} <= {ADDED}
    assert built.jit_functions - stock.jit_functions == len(added)


@pytest.mark.parametrize(("version", "triton"), PAIRS)
def test_a_launch_goes_by_the_same_types_of_the_same_parameters(
    replays: Replays, version: str, triton: str
) -> None:
    stock, built = both(replays, version, triton)
    assert stock.parameters.keys() == stock.cache_keys.keys()
    changed = {
        ident: (rows, built.parameters[ident])
        for ident, rows in stock.parameters.items()
        if rows != built.parameters[ident]
    }
    assert changed.keys() <= OTHER_TYPES.keys()
    for before, after in changed.values():
        assert untyped(before) == untyped(after)


def untyped(rows: list[list[object]]) -> list[list[object]]:
    return [[*row[:TYPE], *row[TYPE + 1 :]] for row in rows]


@pytest.mark.parametrize("version", REFERENCES)
def test_the_changed_files_kernels_are_among_the_identical(
    replays: Replays, version: str, releases: dict[str, Release]
) -> None:
    affected = releases[version].affected
    assert affected, "the build changed no file that has kernels"
    comparison = on_reference(replays, version)
    unproven = affected - comparison.identical_functions
    named = WITHOUT_SIGNATURE[version] | WITHOUT_ADVICE[version] | OTHER_RAW_IR[version]
    if releases[version].one_in > 1:
        # What none of a sample's kernels calls is proven by the whole.
        reached = comparison.before.reached | comparison.after.reached
        unproven, named = unproven & reached, named & reached
    assert unproven == named


def test_dropping_constexpr_annotations_too_is_seen_to_break(
    replays: Replays, releases: dict[str, Release]
) -> None:
    triton = REFERENCES["0.33.0"]
    naive = replays["0.33.0", triton, "naive"]
    comparison = Comparison(same_jobs(replays["0.33.0", triton, "stock"], naive), naive)
    assert comparison.broken
    annotated = releases["0.33.0"].annotated
    reaching = [before for before, _ in comparison.compiled_before if annotated & {*before.reached}]
    numbers = {attempt.number for attempt in reaching}
    assert numbers >= {attempt.number for attempt in comparison.harmed}, "no annotation, yet harmed"
