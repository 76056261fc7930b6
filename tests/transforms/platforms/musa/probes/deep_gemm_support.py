"""On devices of which capability is DeepGEMM used?"""

from __future__ import annotations

import os
from unittest import mock

from vllm.platforms import current_platform
from vllm.platforms.interface import DeviceCapability
from vllm.utils import deep_gemm

try:
    from vllm.model_executor.kernels.linear.scaled_mm.deep_gemm import (
        DeepGemmFp8BlockScaledMMKernel,
    )
except ImportError:
    DeepGemmFp8BlockScaledMMKernel = None


def probe() -> dict[str, bool]:
    """Ask for several capabilities, with a `deep_gemm` package said to be there, and without."""
    answers = {}
    with mock.patch.dict(os.environ, VLLM_USE_DEEP_GEMM="1"):
        for capability in (DeviceCapability(2, 2), DeviceCapability(3, 1), DeviceCapability(9, 0)):
            for installed in (True, False):
                deep_gemm.is_deep_gemm_supported.cache_clear()
                with (
                    mock.patch.object(type(current_platform), "capability", capability),
                    mock.patch.object(deep_gemm, "has_deep_gemm", lambda there=installed: there),
                ):
                    name = f"{capability.major}.{capability.minor}" + " without" * (not installed)
                    answers[name] = deep_gemm.is_deep_gemm_supported()
                    if DeepGemmFp8BlockScaledMMKernel is not None:
                        supported, _ = DeepGemmFp8BlockScaledMMKernel.is_supported()
                        answers[f"{name} linear"] = supported
    return answers
