"""Top-k and top-p are applied in PyTorch on MUSA."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.transforms.platforms.excerpts import patched, run, status_on
from tests.transforms.platforms.musa.stub_platform import platform
from transforms.engine.outcome import Status
from transforms.platforms.musa.top_k_top_p_sampling import PATCH

if TYPE_CHECKING:
    from tests.transforms.platforms.musa.guards import Guards

_QUESTION = "top_k_top_p_sampling"
_MODULE = "vllm.v1.sample.ops.topk_topp_sampler"
_BEFORE = """
def apply_top_k_top_p(logits, k, p):
    if p is None and k is None:
        return logits

    if HAS_TRITON:
        return "triton"
    return apply_top_k_top_p_pytorch(logits, k, p)
"""
_WARMUPS = """
def register_top_k_top_p_warmups():
    if HAS_TRITON and not current_platform.is_cpu():
        return ["triton"]
    return []
"""


@pytest.mark.parametrize(("device", "expected"), [("musa", "pytorch"), ("cuda", "triton")])
@pytest.mark.parametrize("release", ["0.17.0", "0.29.0", "0.30.0", "0.33.0"])
def test_musa_takes_the_path_without_triton(release: str, device: str, expected: str) -> None:
    warms_up = release >= "0.30"
    text = patched(PATCH, release, _MODULE, _BEFORE + _WARMUPS * warms_up)
    names = run(
        text,
        HAS_TRITON=True,
        current_platform=platform(device),
        apply_top_k_top_p_pytorch=lambda *_: "pytorch",
    )
    assert names.apply_top_k_top_p("logits", 1, None) == expected
    assert names.apply_top_k_top_p("logits", None, None) == "logits"
    if warms_up:
        assert names.register_top_k_top_p_warmups() == ["triton"] * (device == "cuda")


def test_releases_without_the_kernel_are_excluded() -> None:
    assert status_on(PATCH, "0.16.0") is Status.EXCLUDED


@pytest.mark.guards
def test_the_real_function_keeps_the_best_three_of_each_row(guards: Guards) -> None:
    release = "0.33.0"
    assert guards.on_musa(_QUESTION, release) == {
        "triton": False,
        "kept": 8 * 3,
        "nothing to do": True,
        "warmed up": [],
    }
    stock = guards.on_musa(_QUESTION, release, stock=True)
    assert stock["triton"]
    assert stock["warmed up"]
    guards.assert_others_are_as_stock(_QUESTION, release)
