"""Do FP8 layers run on Marlin?"""

from __future__ import annotations

import inspect
from unittest import mock

from vllm.model_executor.layers import fused_moe
from vllm.model_executor.layers.quantization import fp8
from vllm.platforms import current_platform

try:
    from vllm.model_executor.kernels.linear.scaled_mm.marlin import MarlinFP8ScaledMMLinearKernel
except ImportError:
    MarlinFP8ScaledMMLinearKernel = None


def probe() -> dict[str, bool]:
    """Ask the methods of a layer, or, from 0.19 on, the kernel whether it is for this platform."""
    if MarlinFP8ScaledMMLinearKernel is not None:
        supported, _ = MarlinFP8ScaledMMLinearKernel.is_supported(
            current_platform.capability.to_int()
        )
        return {"linear": supported}
    with (
        mock.patch.object(fp8, "Fp8LinearOp", create=True),
        mock.patch.object(fp8, "cutlass_fp8_supported", return_value=False),
        mock.patch.object(fp8, "cutlass_block_fp8_supported", return_value=False),
        mock.patch.object(fused_moe, "fused_experts", create=True),  # not there without Triton
    ):
        config = fp8.Fp8Config()
        answers = {"linear": fp8.Fp8LinearMethod(config).use_marlin}
        if len(inspect.signature(fp8.Fp8MoEMethod).parameters) == 1:  # later ones need a layer
            answers["experts"] = fp8.Fp8MoEMethod(config).use_marlin
        return answers
