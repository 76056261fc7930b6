"""From which capability on are FP8 models accepted?"""

from __future__ import annotations

from vllm.model_executor.layers.quantization.fp8 import Fp8Config


def probe() -> int:
    """Ask the configuration of FP8 models."""
    return Fp8Config.get_min_capability()
