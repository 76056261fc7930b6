"""Use DeepGEMM's FP8 kernels on MUSA GPUs of capability 3.1."""

from transforms.edits import InsertAfter, Patch, Replace

PATCH = Patch(
    why=(
        "is_deep_gemm_supported() knows Hopper and Blackwell only: with MUSA's deep_gemm installed, "
        "block-quantized FP8 models still run on the slow Triton kernels."
    ),
    upstream="none: upstream cannot test MUSA's deep_gemm",
    drop_when="the MUSA plugin's support_deep_gemm() says so itself, and no release before 0.19 is built",
    # 0.9.2 and 0.10.0 have no is_deep_gemm_supported().
    versions=">=0.10.1",
    edits=[
        InsertAfter(
            inside="vllm.utils.deep_gemm.is_deep_gemm_supported",
            anchor="is_supported_arch = $known",
            code="""
                if current_platform.is_musa() and current_platform.is_device_capability(31):
                    is_supported_arch = True
            """,
        ),
        # The kernel of linear layers asks for CUDA before it asks for DeepGEMM.
        Replace(
            inside=(
                "vllm.model_executor.kernels.linear.scaled_mm.deep_gemm"
                ".DeepGemmFp8BlockScaledMMKernel.is_supported"
            ),
            find="not current_platform.is_cuda()",
            replace="not (current_platform.is_cuda() or current_platform.is_musa())",
            versions=">=0.20",
        ),
    ],
)
