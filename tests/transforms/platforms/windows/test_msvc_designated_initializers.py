"""Members are given in their order where vLLM is C++17, and those of CUDA's raw types always."""

from __future__ import annotations

import pytest

from tests.transforms.platforms.excerpts import status_on
from tests.transforms.platforms.windows.rule_patches import outcome_of, patched, reviewed
from transforms.engine.outcome import Status
from transforms.platforms.windows.msvc_designated_initializers import PATCH

RAW = "auto x = __nv_bfloat16_raw{.x = 17376};\n"
MACHETE = "return prepack_B_dispatch({.B = B, .a_type = a, .b_type = b});\n"


@pytest.mark.parametrize("release", ["0.14.1", "0.20.2", "0.21.0", "0.33.0"])
def test_cudas_raw_types_are_rewritten_in_every_release(release: str) -> None:
    assert patched(PATCH, release, {"csrc/a.cu": RAW, "csrc/cpu/a.hpp": RAW}, 1) == {
        "csrc/a.cu": "auto x = __nv_bfloat16_raw{17376};\n"
    }


def test_machetes_structs_are_rewritten_before_they_are_cxx20() -> None:
    files = {"csrc/a.cu": MACHETE}
    assert patched(PATCH, "0.20.2", files, 3) == {
        "csrc/a.cu": "return prepack_B_dispatch({B, a, b});\n"
    }
    outcome, _ = outcome_of(PATCH, "0.21.0", files, 0)
    assert (outcome.status, outcome.sites) == (Status.APPLIED, ())


def test_an_unknown_type_stops_the_build_where_cxx17_is_asked_for() -> None:
    files = {"csrc/a.cu": "*match = {.bin = 1};\n"}
    outcome, _ = outcome_of(PATCH, "0.20.2", files, 0)
    assert outcome.status is Status.DRIFTED
    assert "not told of which type" in outcome.problems[0][1].reason
    outcome, _ = outcome_of(PATCH, "0.33.0", files, 0)
    assert (outcome.status, outcome.sites) == (Status.APPLIED, ())


def test_another_member_in_the_header_stops_the_build() -> None:
    files = {"csrc/a.cuh": "struct PrepackBArgs {\n  Tensor B;\n  Tensor bias;\n};\n"}
    outcome, _ = outcome_of(PATCH, "0.14.1", files, 0)
    assert outcome.problems[0][1].reason.startswith("PrepackBArgs has the members B, bias, not B,")


def test_each_release_has_its_sites() -> None:
    numbers = [reviewed(PATCH, release) for release in ("0.14.1", "0.17.0", "0.20.2", "0.33.0")]
    assert numbers == [26, 31, 26, 5]
    assert status_on(PATCH, "0.14.0") is Status.EXCLUDED
