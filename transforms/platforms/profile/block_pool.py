"""Count the KV cache's blocks as they leave the free queue and return, and note what is evicted."""

from transforms.edits import AddImport, InsertAfter, InsertBefore, Patch

_MODULE = "vllm.v1.core.block_pool"
_POOL = f"{_MODULE}.BlockPool"
_MANAGERS = "vllm.v1.core.single_type_kv_cache_manager"
_IMPORT = "from vllm import wheelwright_profile"

PATCH = Patch(
    why=(
        "vLLM shows how full the KV cache is, but not what moved: a step's allocated, freed and "
        "evicted blocks, and how long what was evicted had been there unused"
    ),
    upstream=(
        "none: KV cache events are for routers and name hashes; --kv-cache-metrics has histograms of "
        "a sample of blocks, which no step can be joined to"
    ),
    drop_when="vLLM counts the blocks that each step allocates, frees and evicts",
    versions=">=0.14.1",
    edits=[
        AddImport(inside=_MODULE, code=_IMPORT),
        # At the end: what was in these blocks is evicted on the way.
        InsertBefore(
            inside=f"{_POOL}.get_new_blocks",
            anchor="return ret",
            code="""
                if wheelwright_profile.on:
                    wheelwright_profile.blocks.allocated(self, ret)
            """,
        ),
        InsertBefore(
            inside=f"{_POOL}.touch",
            anchor="self.free_block_queue.remove(block)",
            code="""
                if wheelwright_profile.on:
                    wheelwright_profile.blocks.reused(self)
            """,
        ),
        InsertBefore(
            inside=f"{_POOL}._maybe_evict_cached_block",
            anchor="return True",
            code="""
                if wheelwright_profile.on:
                    wheelwright_profile.blocks.evicted(self, block)
            """,
        ),
        # Where blocks return to the free queue.
        InsertBefore(
            inside=f"{_POOL}.free_blocks",
            anchor="self.free_block_queue.append_n($free)",
            code="""
                if wheelwright_profile.on:
                    wheelwright_profile.blocks.freed(self, blocks_list)
            """,
            versions="<0.23",
        ),
        InsertAfter(
            inside=f"{_POOL}.free_blocks",
            anchor="freed_blocks = $freed",
            code="""
                if wheelwright_profile.on:
                    wheelwright_profile.blocks.freed(self, freed_blocks)
            """,
            versions=">=0.23,<0.24",
        ),
        InsertBefore(
            inside=f"{_POOL}.free_blocks",
            anchor="self.free_block_queue.prepend_n(blocks_without_hash)",
            code="""
                if wheelwright_profile.on:
                    wheelwright_profile.blocks.freed(self, blocks_without_hash, blocks_with_hash)
            """,
            versions=">=0.24,<0.28",
        ),
        InsertBefore(
            inside=f"{_POOL}.free_blocks",
            anchor="self.free_block_queue.prepend_n(blocks_to_evict_first)",
            code="""
                if wheelwright_profile.on:
                    wheelwright_profile.blocks.freed(
                        self, blocks_to_evict_first, blocks_to_evict_last
                    )
            """,
            versions=">=0.28",
        ),
        InsertBefore(
            inside=f"{_POOL}.unpin_blocks",
            anchor="self.free_block_queue.append_n($released)",
            code="""
                if wheelwright_profile.on:
                    wheelwright_profile.blocks.freed(self, $released)
            """,
            versions=">=0.30",
        ),
        # Attention sinks are taken from the queue by hand, once, and stay.
        AddImport(inside=_MANAGERS, code=_IMPORT, versions="<0.30"),
        InsertAfter(
            inside=f"{_MANAGERS}.SinkFullAttentionManager.__init__",
            anchor="self.sink_blocks = $pool.free_block_queue.popleft_n($count)",
            code="""
                if wheelwright_profile.on:
                    wheelwright_profile.blocks.allocated($pool, self.sink_blocks)
            """,
            versions="<0.30",
        ),
    ],
)
