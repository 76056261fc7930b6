"""DeepGEMM is supported on MUSA GPUs of capability 3.1."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.transforms.platforms.excerpts import patched, run, status_on
from tests.transforms.platforms.musa.guards import LATER
from tests.transforms.platforms.musa.stub_platform import platform
from transforms.engine.outcome import Status
from transforms.platforms.musa.deep_gemm_support import PATCH

if TYPE_CHECKING:
    from tests.transforms.platforms.musa.guards import Guards

_QUESTION = "deep_gemm_support"
_BEFORE = """
def is_deep_gemm_supported() -> bool:
    is_supported_arch = {known}
    return has_deep_gemm() and is_supported_arch
"""


@pytest.mark.parametrize(
    ("release", "known"),
    [
        ("0.10.1", "current_platform.is_cuda() and (current_platform.is_device_capability(90))"),
        ("0.33.0", "current_platform.support_deep_gemm()"),
    ],
)
@pytest.mark.parametrize(
    ("device", "capability", "expected"),
    [
        ("musa", 31, True),
        ("musa", 22, False),
        ("cuda", 90, True),
        ("cuda", 80, False),
        ("npu", 31, False),
    ],
)
def test_capability_31_counts_on_musa_alone(
    *, release: str, known: str, device: str, capability: int, expected: bool
) -> None:
    text = patched(PATCH, release, "vllm.utils.deep_gemm", _BEFORE.format(known=known))
    names = run(text, current_platform=platform(device, capability), has_deep_gemm=lambda: True)
    assert names.is_deep_gemm_supported() is expected


@pytest.mark.parametrize("release", ["0.20.0", "0.33.0"])
@pytest.mark.parametrize("device", ["musa", "cuda", "npu"])
def test_the_kernel_of_linear_layers_asks_as_well(release: str, device: str) -> None:
    before = """
    class DeepGemmFp8BlockScaledMMKernel:
        @classmethod
        def is_supported(cls):
            if not current_platform.is_cuda():
                return False
            return is_deep_gemm_supported()
    """
    module = "vllm.model_executor.kernels.linear.scaled_mm.deep_gemm"
    for there in (True, False):
        names = run(
            patched(PATCH, release, module, before),
            current_platform=platform(device),
            is_deep_gemm_supported=lambda there=there: there,
        )
        expected = there and device != "npu"
        assert names.DeepGemmFp8BlockScaledMMKernel.is_supported() is expected


def test_releases_that_do_not_ask_are_excluded() -> None:
    assert status_on(PATCH, "0.10.0") is Status.EXCLUDED


@pytest.mark.guards
@pytest.mark.parametrize("release", LATER)
def test_the_real_function_says_so_where_the_package_is_installed(
    guards: Guards, release: str
) -> None:
    answer = guards.on_musa(_QUESTION, release)
    supported = [name for name, supported in answer.items() if supported]
    assert supported == ["3.1", "3.1 linear"] if release == "0.33.0" else ["3.1"]
    assert not any(guards.on_musa(_QUESTION, release, stock=True).values())
    guards.assert_others_are_as_stock(_QUESTION, release)
