"""Which top-k/top-p kernel masks the logits, and which are warmed up?"""

from __future__ import annotations

from unittest import mock

import torch
from vllm.v1.sample.ops import topk_topp_sampler as sampler

_KERNELS = ("_topk_topp", "_topp_split_stats", "_topp_split_step", "_topp_split_mask")


def probe() -> dict[str, object]:
    """Mask a batch of eight with Triton said to be there, which most platforms take."""
    logits = torch.arange(8 * 16, dtype=torch.float32).reshape(8, 16)
    top_k = torch.full((8,), 3)
    triton = mock.Mock(return_value=logits.new_zeros(8, 16))
    with (
        mock.patch.object(sampler, "HAS_TRITON", new=True, create=True),
        mock.patch.object(sampler, "apply_top_k_top_p_triton", triton, create=True),
    ):
        masked = sampler.apply_top_k_top_p(logits.clone(), top_k, None)
        nothing = sampler.apply_top_k_top_p(logits, None, None) is logits
        warmed = _warmed() if hasattr(sampler, "register_top_k_top_p_warmups") else []
    return {
        "triton": triton.called,
        "kept": int(masked.isfinite().sum()),
        "nothing to do": nothing,
        "warmed up": warmed,
    }


def _warmed() -> list[str]:
    kernels = {name: mock.Mock() for name in _KERNELS}
    with mock.patch.multiple(sampler, create=True, **kernels):
        sampler.register_top_k_top_p_warmups()
    return [name for name, kernel in kernels.items() if kernel.register_warmup.called]
