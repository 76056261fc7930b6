"""Do not enter blocks into the prefix cache again that a request gives back and computes again."""

from transforms.edits import InsertAfter, Patch, Replace
from transforms.platforms.ucm._recovery import DROP_WHEN, UPSTREAM, VERSIONS

PATCH = Patch(
    why=(
        "a request that is taken back to an earlier block has more cached blocks than full ones: cache_blocks would "
        "count them down, and the next step enters the same blocks a second time, which an assertion refuses"
    ),
    upstream=UPSTREAM,
    drop_when=DROP_WHEN,
    versions=VERSIONS,
    edits=[
        Replace(
            inside="vllm.v1.core.block_pool.BlockPool.cache_full_blocks",
            find="num_cached_blocks == num_full_blocks",
            replace="num_cached_blocks >= num_full_blocks",
        ),
        InsertAfter(
            inside=(
                "vllm.v1.core.single_type_kv_cache_manager.SingleTypeKVCacheManager.cache_blocks"
            ),
            anchor="num_full_blocks = num_tokens // self.block_size",
            code="""
                if num_cached_blocks >= num_full_blocks:
                    return
            """,
        ),
    ],
)
