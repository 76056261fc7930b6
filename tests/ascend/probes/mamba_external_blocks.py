"""How many blocks does a Mamba group say that it takes, and how many does it take?"""

from __future__ import annotations

import itertools

import vllm.v1.core.single_type_kv_cache_manager as managers
from mamba_context_parallel import BLOCK, spec
from vllm.v1.core.block_pool import BlockPool

PATCHES = ("platform.patch_mamba_manager",)


def probe() -> dict[str, list[int]]:
    """Allocate for a request and for its next step: [said, taken]."""
    answers = {}
    for mode, speculative, local, external, new in itertools.product(
        ("align", "all", "none"), (0, 2), (0, 1, 3), (0, 1, 4), (0, 1, 2)
    ):
        pool = BlockPool(64, enable_caching=True, hash_block_size=BLOCK)
        manager = managers.MambaManager(
            spec(mode, speculative),
            pool,
            enable_caching=True,
            kv_cache_group_id=0,
            scheduler_block_size=BLOCK,
        )
        hit = [pool.null_block] * (local - 1) + (pool.get_new_blocks(1) if local else [])
        total = (local + external) * BLOCK
        tokens = total + new * BLOCK
        free = pool.get_num_free_blocks()
        said = manager.get_num_blocks_to_allocate("a", tokens, hit, total, tokens)
        if local or external:
            manager.allocate_new_computed_blocks("a", hit, local * BLOCK, external * BLOCK)
        manager.allocate_new_blocks("a", tokens, tokens)
        name = f"{mode} speculative={speculative} local={local} external={external} new={new}"
        answers[name] = [said, free - pool.get_num_free_blocks()]
        free = pool.get_num_free_blocks()
        later = tokens + BLOCK
        said = manager.get_num_blocks_to_allocate("a", later, [], tokens, later)
        manager.allocate_new_blocks("a", later, later)
        answers[f"{name} later"] = [said, free - pool.get_num_free_blocks()]
    return answers
