"""DeepGEMM's scales stay in float32 on MUSA."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from tests.transforms.platforms.excerpts import patched, run, status_on
from tests.transforms.platforms.musa.guards import LATER
from tests.transforms.platforms.musa.stub_platform import platform
from transforms.engine.outcome import Status
from transforms.platforms.musa.deep_gemm_e8m0 import PATCH

if TYPE_CHECKING:
    from tests.transforms.platforms.musa.guards import Guards

_QUESTION = "deep_gemm_e8m0"
_BEFORE = """
def is_deep_gemm_e8m0_used() -> bool:
    if envs.VLLM_USE_DEEP_GEMM_E8M0:
        return True
    return False
"""
_FORMAT = """
class DeepGemmQuantScaleFMT:
    @classmethod
    def init_oracle_cache(cls):
        return envs.VLLM_USE_DEEP_GEMM_E8M0 and (impl is not None)
"""


@pytest.mark.parametrize(("device", "expected"), [("musa", False), ("cuda", True), ("cpu", True)])
@pytest.mark.parametrize("release", ["0.11.1", "0.33.0"])
def test_it_is_off_on_musa(*, release: str, device: str, expected: bool) -> None:
    has_format = release == "0.33.0"
    before = _BEFORE + _FORMAT * has_format
    text = patched(PATCH, release, "vllm.utils.deep_gemm", before)
    asked = SimpleNamespace(VLLM_USE_DEEP_GEMM_E8M0=True)
    names = run(text, current_platform=platform(device), envs=asked, impl=object())
    assert names.is_deep_gemm_e8m0_used() is expected
    if has_format:
        assert names.DeepGemmQuantScaleFMT.init_oracle_cache() is expected


def test_releases_that_ask_for_hopper_are_excluded() -> None:
    assert status_on(PATCH, "0.11.0") is Status.EXCLUDED


@pytest.mark.guards
@pytest.mark.parametrize("release", LATER)
def test_the_real_functions_do_not_use_it(guards: Guards, release: str) -> None:
    answer = guards.on_musa(_QUESTION, release)
    assert answer == {"asked for": True, "used": False, "format": "FLOAT32"}
    assert guards.on_musa(_QUESTION, release, stock=True)["used"]
    guards.assert_others_are_as_stock(_QUESTION, release)
