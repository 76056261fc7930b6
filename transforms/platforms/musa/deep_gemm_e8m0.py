"""Keep DeepGEMM's scales in float32 on MUSA, whose kernels cannot read E8M0."""

from transforms.edits import Patch, Replace

_ASKED = "envs.VLLM_USE_DEEP_GEMM_E8M0"
_ASKED_AND_THERE = "envs.VLLM_USE_DEEP_GEMM_E8M0 and not current_platform.is_musa()"

PATCH = Patch(
    why=(
        "VLLM_USE_DEEP_GEMM_E8M0 is on by default, but MUSA's DeepGEMM cannot cast scales to UE8M0: "
        "the first FP8 GEMM fails."
    ),
    upstream="none: upstream cannot test MUSA's deep_gemm",
    drop_when="MUSA's deep_gemm supports the UE8M0 cast",
    # Before 0.11.1, E8M0 is asked for on Hopper and Blackwell only.
    versions=">=0.11.1",
    edits=[
        Replace(
            inside="vllm.utils.deep_gemm.is_deep_gemm_e8m0_used",
            find=_ASKED,
            replace=_ASKED_AND_THERE,
        ),
        Replace(
            inside="vllm.utils.deep_gemm.DeepGemmQuantScaleFMT.init_oracle_cache",
            find=_ASKED,
            replace=_ASKED_AND_THERE,
            versions=">=0.14",
        ),
    ],
)
