"""Which platforms are MUSA?"""

from __future__ import annotations

from standin_platforms import AscendPlatform, CudaPlatform
from vllm.platforms import current_platform
from vllm.platforms.cpu import CpuPlatform
from vllm.platforms.interface import UnspecifiedPlatform


def probe() -> dict[str, bool]:
    """Ask the platform that vLLM chose, another plugin's, and vLLM's own."""
    return {
        "current": current_platform.is_musa(),
        "another plugin": AscendPlatform().is_musa(),
        "cuda": CudaPlatform().is_musa(),
        "cpu": CpuPlatform().is_musa(),
        "none": UnspecifiedPlatform().is_musa(),
    }
