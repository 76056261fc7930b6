"""`quant_type_max_v<T>` is a function on Windows, in the header and in all that uses it."""

from __future__ import annotations

from tests.transforms.platforms.excerpts import status_on
from tests.transforms.platforms.windows.rule_patches import outcome_of, patched, reviewed
from transforms.engine.outcome import Status
from transforms.platforms.windows.msvc_variable_templates import PATCH

HEADER = """
    #define MAYBE_HOST_DEVICE C10_HOST_DEVICE
    template <typename T>
    MAYBE_HOST_DEVICE static constexpr T quant_type_max_v = largest<T>::val();
"""


def test_the_definition_and_a_use_in_another_file_agree() -> None:
    files = {
        "csrc/quantization/utils.cuh": HEADER,
        "csrc/x.cu": "constexpr T most{quant_type_max_v<T>};\n",
        "csrc/rocm/x.cu": "constexpr T most{quant_type_max_v<T>};\n",
    }
    after = patched(PATCH, "0.33.0", files, 2)
    assert "T quant_type_max_v() {\n  return" in after["csrc/quantization/utils.cuh"]
    assert after["csrc/x.cu"] == "constexpr T most{quant_type_max_v<T>()};\n"
    assert len(after) == 2


def test_another_such_template_stops_the_build_until_it_is_named() -> None:
    files = {"csrc/x.cuh": HEADER.replace("quant_type_max_v", "quant_type_min_v")}
    outcome, _ = outcome_of(PATCH, "0.33.0", files, 0)
    assert outcome.status is Status.DRIFTED
    assert "was not told of quant_type_min_v" in outcome.problems[0][1].reason


def test_each_release_has_its_uses() -> None:
    numbers = [reviewed(PATCH, release) for release in ("0.14.1", "0.20.0", "0.33.0")]
    assert numbers == [10, 11, 12]
    assert status_on(PATCH, "0.14.0") is Status.EXCLUDED
