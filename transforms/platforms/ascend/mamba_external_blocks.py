"""Count the block that holds a Mamba state loaded from outside, on Ascend."""

from transforms.edits import Patch, WrapFunction

# vllm-ascend adds the block in every cache mode, and in each step of a request that runs already; only here
# upstream's count is short. The plugin's override has the parameters of 0.23 to 0.25, and cannot be called later.
PATCH = Patch(
    why=(
        "Where a KV connector loads a prefix and the same step computes more, a Mamba group in mode `align` takes one "
        'block more than it said: with few blocks free, EngineCore ends in "ValueError: Cannot get 1 free blocks from '
        'the pool". It is so on every device; the others are left as upstream has them until upstream has decided.'
    ),
    upstream="https://github.com/vllm-project/vllm/pull/46892",
    drop_when="MambaManager.get_num_blocks_to_allocate counts what a connector's tokens take",
    versions=">=0.23",
    replaces=("vllm.v1.core.single_type_kv_cache_manager:MambaManager",),
    edits=[
        WrapFunction(
            inside="vllm.v1.core.single_type_kv_cache_manager.MambaManager.get_num_blocks_to_allocate",
            after="""
                from vllm.platforms import current_platform

                # A class that a plugin puts in this one's place counts for itself.
                if (
                    current_platform.device_type == "npu"
                    and MambaManager is __class__
                    and self.mamba_cache_mode == "align"
                    and not self.req_to_blocks.get(request_id)
                ):
                    num_local_tokens = len(new_computed_blocks) * self.block_size
                    if num_local_tokens < total_computed_tokens < num_tokens_main_model:
                        result += 1
            """,
        ),
    ],
)
