"""Which backend of attention an RTX 3090 gets."""

from __future__ import annotations

import torch
from watching import card, load, observation


@observation("cpu")
def attention_backends() -> dict[str, str]:
    """By itself, for heads that FLASH_ATTN does not take (no multiple of 8), and when asked for."""
    platform = card()
    backends = load("v1.attention.backends.registry").AttentionBackendEnum
    make_config = load("v1.attention.selector").AttentionSelectorConfig

    def choose(head_size: int, chosen: object = None) -> str:
        config = make_config(head_size, torch.float16, "auto", None)
        try:
            path = platform.get_attn_backend_cls(chosen, config)
        except ValueError as error:
            return "needs Triton" if "needs Triton" in str(error) else str(error)
        return str(path.rpartition(".")[2])

    return {
        "nothing set": choose(128),
        "heads of 100": choose(100),
        "TRITON_ATTN": choose(128, backends.TRITON_ATTN),
        "FLASH_ATTN": choose(128, backends.FLASH_ATTN),
    }


@observation("cpu")
def vision_backend() -> str:
    """For the encoder of a vision model with such heads."""
    return str(card().get_vit_attn_backend(100, torch.float16).name)
