"""FP8 models are accepted on MUSA from capability 3.1 on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.transforms.platforms.excerpts import patched, run
from tests.transforms.platforms.musa.guards import RELEASES
from tests.transforms.platforms.musa.stub_platform import platform
from transforms.platforms.musa.fp8_min_capability import PATCH

if TYPE_CHECKING:
    from tests.transforms.platforms.musa.guards import Guards

_QUESTION = "fp8_min_capability"
_BEFORE = """
class Fp8Config:
    @classmethod
    def get_min_capability(cls) -> int:
        return {minimum}
"""


@pytest.mark.parametrize(("release", "minimum"), [("0.9.2", 80), ("0.13.0", 80), ("0.14.0", 75)])
def test_other_platforms_keep_their_minimum(release: str, minimum: int) -> None:
    before = _BEFORE.format(minimum=minimum)
    text = patched(PATCH, release, "vllm.model_executor.layers.quantization.fp8", before)
    for device, expected in (("musa", 31), ("cuda", minimum), ("xpu", minimum)):
        names = run(text, current_platform=platform(device))
        assert names.Fp8Config.get_min_capability() == expected


@pytest.mark.guards
@pytest.mark.parametrize("release", RELEASES)
def test_the_real_configuration_asks_for_31(guards: Guards, release: str) -> None:
    assert guards.on_musa(_QUESTION, release) == 31
    assert guards.on_musa(_QUESTION, release, stock=True) == (80 if release == "0.9.2" else 75)
    guards.assert_others_are_as_stock(_QUESTION, release)
