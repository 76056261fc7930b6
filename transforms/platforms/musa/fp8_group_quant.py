"""Quantize contiguous tensors to FP8 with the fused kernel on MUSA, as on CUDA."""

from transforms.edits import Patch, Replace

_FUNCTION = "vllm.model_executor.layers.quantization.utils.fp8_utils.per_token_group_quant_fp8"
# A plugin may come without this kernel; then Triton's stays in use.
_MUSA = '(current_platform.is_musa() and hasattr(torch.ops._C, "per_token_group_fp8_quant"))'

PATCH = Patch(
    why=(
        "per_token_group_quant_fp8 uses the fused kernel on CUDA only; on MUSA every activation of a "
        "block-quantized FP8 model goes through the slower Triton kernel."
    ),
    upstream="none: the kernel for MUSA is part of the plugin",
    drop_when="per_token_group_quant_fp8 asks whether the kernel is registered, not which platform it is",
    # 0.9.2 has the Triton kernel only.
    versions=">=0.10",
    edits=[
        Replace(
            inside=_FUNCTION,
            find="current_platform.is_cuda() and x.is_contiguous()",
            replace=f"(current_platform.is_cuda() or {_MUSA}) and x.is_contiguous()",
            versions="<0.23",
        ),
        Replace(
            inside=_FUNCTION,
            find="current_platform.is_cuda_alike() or current_platform.is_xpu()",
            replace=f"current_platform.is_cuda_alike() or current_platform.is_xpu() or {_MUSA}",
            versions=">=0.23",
        ),
    ],
)
