"""Run FP8 models on MUSA without the Marlin kernels, which are CUDA's."""

from transforms.edits import Patch, Replace

_FP8 = "vllm.model_executor.layers.quantization.fp8"
_ROCM = """
    if current_platform.is_rocm():
        self.use_marlin = False
"""
_ROCM_OR_MUSA = """
    if current_platform.is_rocm() or current_platform.is_musa():
        self.use_marlin = False
"""

PATCH = Patch(
    why=(
        "A capability below 8.9 means Marlin, so FP8 layers on MUSA (3.1) are repacked for a CUDA "
        "kernel that the wheel does not have, and loading fails."
    ),
    upstream="https://github.com/vllm-project/vllm/pull/32929 made Marlin a kernel that asks for CUDA",
    drop_when="releases before 0.19 are not built: there Marlin's own check asks for CUDA",
    versions=">=0.9.2,<0.19",
    edits=[
        Replace(
            inside=f"{_FP8}.Fp8LinearMethod.__init__",
            find=_ROCM,
            replace=_ROCM_OR_MUSA,
            versions="<0.16",
        ),
        Replace(
            inside=f"{_FP8}.Fp8LinearMethod.__init__",
            find="""
                if current_platform.is_rocm() or current_platform.is_xpu():
                    self.use_marlin = False
            """,
            replace="""
                if (
                    current_platform.is_rocm()
                    or current_platform.is_xpu()
                    or current_platform.is_musa()
                ):
                    self.use_marlin = False
            """,
            versions=">=0.16",
        ),
        # The experts: a method's own choice, then a function's; from 0.14 on it asks for CUDA.
        Replace(
            inside=f"{_FP8}.Fp8MoEMethod.__init__",
            find=_ROCM,
            replace=_ROCM_OR_MUSA,
            versions="<0.11.1",
        ),
        Replace(
            inside=f"{_FP8}.get_fp8_moe_backend",
            find="""
                if current_platform.is_rocm():
                    use_marlin = False
            """,
            replace="""
                if current_platform.is_rocm() or current_platform.is_musa():
                    use_marlin = False
            """,
            versions=">=0.11.1,<0.14",
        ),
    ],
)
