"""A sparse method whose requests keep all slots, in another order of blocks than vLLM's."""

from __future__ import annotations

from typing import Any

from ucm.sparse.base import INVALID_SLOT, UcmSparseBase


class Turned(UcmSparseBase):
    """Gives a request that generates its blocks in turned order.

    Attention asks which keys there are, and not in which order, as long as the last block, which is
    written to, stays the last: the tokens are those of stock.
    """

    def estimate_num_slots_sparsed(self, request: Any) -> int:
        """Say how many slots a request keeps: all, as soon as it generates."""
        if request.num_computed_tokens < request.num_prompt_tokens:
            return INVALID_SLOT
        slots: int = request.num_computed_tokens + 1
        return slots

    def allocate_slots(self, kv_cache_manager: Any, request: Any, num_slots_sparsed: int) -> Any:
        """Give a request its blocks, as UCM's methods do; None where too few are free."""
        from vllm.v1.core.kv_cache_manager import KVCacheBlocks  # noqa: PLC0415 - as UCM does

        coordinator = kv_cache_manager.coordinator
        needed = coordinator.get_num_blocks_to_allocate(
            request_id=request.request_id,
            num_tokens=num_slots_sparsed,
            new_computed_blocks=([],),
        )
        if needed > kv_cache_manager.block_pool.get_num_free_blocks():
            return None
        coordinator.allocate_new_blocks(request.request_id, num_slots_sparsed)
        *full, last = coordinator.single_type_managers[0].req_to_blocks[request.request_id]
        return KVCacheBlocks(([*reversed(full), last],))
