"""Which block sizes have several KV cache groups, for all that import the function?"""

from __future__ import annotations

import itertools
from types import SimpleNamespace

import vllm.v1.engine.core as engine
import vllm.v1.kv_offload.base as offload
from vllm.v1.core import kv_cache_utils

PATCHES = ("platform.patch_kv_cache_utils",)


def probe() -> dict[str, object]:
    """Resolve sizes, by the definition, by EngineCore's name for it and by another module's."""
    holders = {"definition": kv_cache_utils, "EngineCore": engine, "offloading": offload}
    return {
        f"{holder} {sizes} {dcp} {pcp} {caching}": _resolved(
            module, sizes, dcp, pcp, caching=caching
        )
        for (holder, module), sizes, dcp, pcp, caching in itertools.product(
            holders.items(), ((16,), (32, 96), (128, 16, 64)), (1, 2), (1, 3), (True, False)
        )
    }


def _resolved(
    module: object, sizes: tuple[int, ...], dcp: int, pcp: int, *, caching: bool
) -> object:
    groups = [SimpleNamespace(kv_cache_spec=SimpleNamespace(block_size=size)) for size in sizes]
    config = SimpleNamespace(
        cache_config=SimpleNamespace(
            block_size=sizes[0], enable_prefix_caching=caching, hash_block_size=None
        ),
        parallel_config=SimpleNamespace(
            decode_context_parallel_size=dcp, prefill_context_parallel_size=pcp
        ),
        kv_transfer_config=None,
    )
    try:
        return list(
            module.resolve_kv_cache_block_sizes(SimpleNamespace(kv_cache_groups=groups), config)
        )
    except ValueError as error:
        return str(error)
