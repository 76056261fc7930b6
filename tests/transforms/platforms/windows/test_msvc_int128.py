"""`__int128_t` is written as CUDA's `int4` where it carries 16 bytes."""

from __future__ import annotations

from tests.transforms.platforms.excerpts import status_on
from tests.transforms.platforms.windows.rule_patches import outcome_of, patched, reviewed
from transforms.engine.outcome import Status
from transforms.platforms.windows.msvc_int128 import PATCH


def test_pointers_to_shared_memory_are_rewritten() -> None:
    code = "extern __shared__ __int128_t words[];\n__int128_t* mine = words + lane;\n"
    assert patched(PATCH, "0.14.1", {"csrc/a.cu": code, "csrc/cpu/a.cu": code}, 2) == {
        "csrc/a.cu": "extern __shared__ int4 words[];\nint4* mine = words + lane;\n"
    }


def test_a_sum_stops_the_build() -> None:
    outcome, _ = outcome_of(PATCH, "0.14.1", {"csrc/a.cu": "__int128_t sum = a + b;\n"}, 0)
    assert outcome.status is Status.DRIFTED
    assert "no arithmetic" in outcome.problems[0][1].reason


def test_every_release_has_the_kernel() -> None:
    assert reviewed(PATCH, "0.14.1") == reviewed(PATCH, "0.33.0") == 9
    assert status_on(PATCH, "0.13.0") is Status.EXCLUDED
