# SPDX-License-Identifier: Apache-2.0
"""The caches of keys' hashes (VLLM_HASH_ATTENTION): room for them, and where they stand."""

from __future__ import annotations

import importlib
import logging
from typing import Any

from . import agents

_logger = logging.getLogger("vllm.wheelwright_ucm_sparse")


def blocks_beside(vllm_config: Any, num_blocks: int) -> int:
    """Give the number of KV blocks that fit where each has a hash of its keys beside it.

    Args:
        vllm_config: vLLM's configuration.
        num_blocks: how many would fit alone.
    """
    cache_dtype = vllm_config.cache_config.cache_dtype
    dtype = vllm_config.model_config.dtype if cache_dtype == "auto" else _dtype(cache_dtype)
    # A hash has one bit for each number of a key.
    bits = dtype.itemsize * 8
    fewer: int = num_blocks * bits // (bits + 1)
    _logger.info("%d of %d KV blocks: the others make room for the keys' hashes", fewer, num_blocks)
    return fewer


def _dtype(name: str) -> Any:
    utils = importlib.import_module("vllm.utils")
    if not hasattr(utils, "STR_DTYPE_TO_TORCH_DTYPE"):
        # Where it is from 0.11.1 on.
        utils = importlib.import_module("vllm.utils.torch_utils")
    return utils.STR_DTYPE_TO_TORCH_DTYPE[name]


def add_caches(kv_caches: dict[str, Any], layers: dict[str, Any], device: Any) -> dict[str, Any]:
    """Put a cache of the keys' hashes beside each layer's KV cache.

    UCM expects both as a pair, in the layers and in what its connector registers. Layers that share
    a KV cache share its hashes.

    Args:
        kv_caches: of each layer.
        layers: the layers of the model, by name.
        device: where the caches are.

    Returns:
        The pairs, by layer.
    """
    if agents.current is None:
        return kv_caches
    owners: dict[int, str] = {}
    for name, cache in kv_caches.items():
        owners.setdefault(id(cache), name)
    pairs = {name: kv_caches[name] for name in owners.values()}
    agents.current.initialize_kv_hash_cache_tensors(pairs, device)
    paired = {name: pairs[owners[id(cache)]] for name, cache in kv_caches.items()}
    for name, (_, hashes) in paired.items():
        bound = layers[name].kv_cache
        layers[name].kv_cache = (
            [(cache, hashes) for cache in bound] if isinstance(bound, list) else (bound, hashes)
        )
    return paired


def without(kv_cache: Any) -> Any:
    """Give a layer's KV cache alone.

    Args:
        kv_cache: the cache, or the pair that `add_caches` has made.
    """
    return kv_cache[0] if isinstance(kv_cache, tuple) else kv_cache


def of_layer(layer: Any, forward_context: Any) -> Any:
    """Give the hashes of a layer's keys, or None where it has none.

    Args:
        layer: the attention layer.
        forward_context: of the step.
    """
    kv_cache = layer.kv_cache
    if isinstance(kv_cache, list):
        kv_cache = kv_cache[forward_context.virtual_engine]
    return kv_cache[1] if isinstance(kv_cache, tuple) else None
