"""Which cached prefix of a Mamba group is found under context parallelism?"""

from __future__ import annotations

import itertools

import torch
import vllm.v1.core.single_type_kv_cache_manager as managers
from vllm.v1.core.block_pool import BlockPool
from vllm.v1.core.kv_cache_utils import make_block_hash_with_group_id
from vllm.v1.kv_cache_interface import MambaSpec

PATCHES = ("platform.patch_mamba_manager",)
BLOCK = 16


def spec(mode: str = "align", speculative: int = 0) -> MambaSpec:
    """Give the specification of a small group."""
    return MambaSpec(
        block_size=BLOCK,
        shapes=((4,),),
        dtypes=(torch.float32,),
        mamba_cache_mode=mode,
        num_speculative_blocks=speculative,
    )


def probe() -> dict[str, object]:
    """Look up prefixes of which some blocks are cached; and make managers."""
    answers: dict[str, object] = {}
    hashes = [bytes([number]) * 32 for number in range(8)]
    for cached, alignment, dcp, pcp in itertools.product(
        ((), (3,), (0, 1, 2, 3), (5, 2)), (BLOCK, 2 * BLOCK), (1, 2), (1, 4)
    ):
        pool = BlockPool(32, enable_caching=True, hash_block_size=BLOCK)
        for number in cached:
            (block,) = pool.get_new_blocks(1)
            key = make_block_hash_with_group_id(hashes[number], 0)
            pool.cached_block_hash_to_block.insert(key, block)
        try:
            (found,) = managers.MambaManager.find_longest_cache_hit(
                block_hashes=hashes,
                max_length=7 * BLOCK,
                kv_cache_group_ids=[0],
                block_pool=pool,
                kv_cache_spec=spec(),
                drop_eagle_block=False,
                alignment_tokens=alignment,
                dcp_world_size=dcp,
                pcp_world_size=pcp,
            )
            answer: object = [block.block_id for block in found]
        except AssertionError as error:
            answer = str(error)
        answers[f"{cached} {alignment} {dcp} {pcp}"] = answer
    for dcp, pcp in itertools.product((1, 2), (1, 4)):
        manager = managers.MambaManager(
            spec(),
            BlockPool(32, enable_caching=True, hash_block_size=BLOCK),
            enable_caching=True,
            kv_cache_group_id=0,
            scheduler_block_size=BLOCK * dcp * pcp,
            dcp_world_size=dcp,
            pcp_world_size=pcp,
        )
        answers[f"block size {dcp} {pcp}"] = manager.block_size
    return answers
