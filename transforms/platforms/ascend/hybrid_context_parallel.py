"""Run hybrid models under context parallelism on Ascend."""

from transforms.edits import InsertBefore, Patch

# The definition is edited: what has imported it by name (EngineCore, KV offloading, the connectors of Mooncake)
# needs no rebinding. vllm-ascend rebinds EngineCore's name only.
PATCH = Patch(
    why=(
        'vLLM refuses context parallelism for models with several KV cache groups: "Hybrid KV cache groups with '
        'multiple block sizes do not support context parallelism". That is true of CUDA; Ascend implements it in '
        "each attention layer. Other devices refuse as before."
    ),
    upstream="none: https://github.com/vllm-project/vllm/pull/40860 refuses it for CUDA's sake",
    drop_when="resolve_kv_cache_block_sizes does not refuse context parallelism",
    # 0.26 does not: it multiplies the block sizes of attention groups itself.
    versions=">=0.23,<0.26",
    replaces=(
        "vllm.v1.core.kv_cache_utils:resolve_kv_cache_block_sizes",
        "vllm.v1.engine.core:resolve_kv_cache_block_sizes",
    ),
    edits=[
        InsertBefore(
            inside="vllm.v1.core.kv_cache_utils.resolve_kv_cache_block_sizes",
            anchor="if dcp != 1 or pcp != 1: raise ValueError($message)",
            code="""
                from vllm.platforms import current_platform

                if (dcp != 1 or pcp != 1) and current_platform.device_type == "npu":
                    group_block_sizes = [g.kv_cache_spec.block_size for g in groups]
                    scheduler_block_size = math.lcm(*group_block_sizes) * dcp * pcp
                    if not cache_config.enable_prefix_caching:
                        return scheduler_block_size, scheduler_block_size
                    return scheduler_block_size, math.gcd(*group_block_sizes)

            """,
        ),
    ],
)
