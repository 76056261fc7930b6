"""Do FP8 layers run on Marlin?"""

from __future__ import annotations

from unittest import mock

from vllm.model_executor.layers.quantization import fp8
from vllm.platforms import current_platform

try:
    from vllm.model_executor.kernels.linear.scaled_mm.marlin import MarlinFP8ScaledMMLinearKernel
except ImportError:
    MarlinFP8ScaledMMLinearKernel = None


def probe() -> bool:
    """Ask a linear method, or, from 0.19 on, the kernel whether it is for this platform."""
    if MarlinFP8ScaledMMLinearKernel is not None:
        supported, _ = MarlinFP8ScaledMMLinearKernel.is_supported(
            current_platform.capability.to_int()
        )
        return supported
    with (
        mock.patch.object(fp8, "Fp8LinearOp", create=True),
        mock.patch.object(fp8, "cutlass_fp8_supported", return_value=False),
        mock.patch.object(fp8, "cutlass_block_fp8_supported", return_value=False),
    ):
        return fp8.Fp8LinearMethod(fp8.Fp8Config()).use_marlin
