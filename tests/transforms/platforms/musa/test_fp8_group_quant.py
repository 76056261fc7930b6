"""Contiguous tensors are quantized by the fused kernel on MUSA, where it is registered."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from tests.transforms.platforms.excerpts import patched, run, status_on
from tests.transforms.platforms.musa.guards import LATER
from tests.transforms.platforms.musa.stub_platform import platform
from transforms.engine.outcome import Status
from transforms.platforms.musa.fp8_group_quant import PATCH

if TYPE_CHECKING:
    from tests.transforms.platforms.musa.guards import Guards

_QUESTION = "fp8_group_quant"
_MODULE = "vllm.model_executor.layers.quantization.utils.fp8_utils"
_BEFORE = """
def per_token_group_quant_fp8(x):
    if {condition}:
        return "fused"
    return "triton"
"""
_UNTIL_0_22 = "current_platform.is_cuda() and x.is_contiguous()"
_LATER = "(current_platform.is_cuda_alike() or current_platform.is_xpu()) and x.is_contiguous()"
_WITH = SimpleNamespace(ops=SimpleNamespace(_C=SimpleNamespace(per_token_group_fp8_quant=None)))
_WITHOUT = SimpleNamespace(ops=SimpleNamespace(_C=SimpleNamespace()))


@pytest.mark.parametrize(
    ("release", "condition"),
    [("0.10.0", _UNTIL_0_22), ("0.22.1", _UNTIL_0_22), ("0.23.0", _LATER), ("0.33.0", _LATER)],
)
@pytest.mark.parametrize(
    ("device", "torch", "contiguous", "expected"),
    [
        ("musa", _WITH, True, "fused"),
        ("musa", _WITHOUT, True, "triton"),
        ("musa", _WITH, False, "triton"),
        ("cuda", _WITHOUT, True, "fused"),
        ("cuda", _WITHOUT, False, "triton"),
        ("cpu", _WITH, True, "triton"),
    ],
)
def test_musa_asks_whether_the_kernel_is_there(  # noqa: PLR0913
    *,
    release: str,
    condition: str,
    device: str,
    torch: SimpleNamespace,
    contiguous: bool,
    expected: str,
) -> None:
    text = patched(PATCH, release, _MODULE, _BEFORE.format(condition=condition))
    names = run(text, current_platform=platform(device), torch=torch)
    tensor = SimpleNamespace(is_contiguous=lambda: contiguous)
    assert names.per_token_group_quant_fp8(tensor) == expected


def test_the_release_without_the_kernel_is_excluded() -> None:
    assert status_on(PATCH, "0.9.2") is Status.EXCLUDED


@pytest.mark.guards
@pytest.mark.parametrize("release", LATER)
def test_the_real_function_uses_it_also_when_compiled(guards: Guards, release: str) -> None:
    assert guards.on_musa(_QUESTION, release) == {
        "contiguous": "fused",
        "contiguous, not registered": "triton",
        "not contiguous": "triton",
        "compiled": "fused",
    }
    assert guards.on_musa(_QUESTION, release, stock=True)["contiguous"] == "triton"
    guards.assert_others_are_as_stock(_QUESTION, release)
