"""Which key do compiled graphs have in vLLM's cache, and what says the build of itself?"""

from __future__ import annotations

from vllm.config import VllmConfig


def probe() -> str:
    """Hash a configuration as the compile cache does."""
    return VllmConfig().compute_hash()
