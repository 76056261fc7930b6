"""Does DeepGEMM use E8M0 scales, which are on by default?"""

from __future__ import annotations

from unittest import mock

from vllm import envs
from vllm.utils import deep_gemm


def probe() -> dict[str, object]:
    """Ask both places that decide, with DeepGEMM said to be there."""
    deep_gemm.is_deep_gemm_e8m0_used.cache_clear()
    with (
        mock.patch.object(deep_gemm, "is_deep_gemm_supported", return_value=True),
        mock.patch.object(deep_gemm, "_lazy_init"),
        mock.patch.object(deep_gemm, "_fp8_gemm_nt_impl", object()),
    ):
        formats = deep_gemm.DeepGemmQuantScaleFMT
        formats.init_oracle_cache()
        return {
            "asked for": envs.VLLM_USE_DEEP_GEMM_E8M0,
            "used": deep_gemm.is_deep_gemm_e8m0_used(),
            "format": formats.from_oracle().name,
        }
