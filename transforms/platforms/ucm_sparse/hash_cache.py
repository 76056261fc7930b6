"""Keep a hash of each key beside the KV cache, in memory that is left for it (VLLM_HASH_ATTENTION)."""

from transforms.edits import AddImport, InsertAfter, Patch

_UTILS = "vllm.v1.core.kv_cache_utils"
_PLANNING = "vllm.v1.core.kv_cache_planning"
_RUNNER = "vllm.v1.worker.gpu_model_runner"
_BEFORE_016 = "vllm.attention.layer"
_SINCE_016 = "vllm.model_executor.layers.attention.attention"
_IMPORT = "from vllm import wheelwright_ucm_sparse"

_FEWER = """
    if wheelwright_ucm_sparse.hash_attention:
        num_blocks = wheelwright_ucm_sparse.hashes.blocks_beside(vllm_config, num_blocks)
"""
_WITHOUT = """
    if wheelwright_ucm_sparse.hash_attention:
        kv_cache = wheelwright_ucm_sparse.hashes.without(kv_cache)
"""

PATCH = Patch(
    why=(
        "GSA on device picks blocks by hashes of their keys; the KV cache takes all of the memory, so that none is "
        "left for them, and layers have no place for a second cache"
    ),
    upstream="none: vLLM has no interface for sparse attention by a plugin",
    drop_when="a plugin can ask for a cache of its own beside each layer's KV cache",
    versions=">=0.9.2",
    edits=[
        AddImport(inside=_UTILS, code=_IMPORT, versions="<0.33"),
        InsertAfter(
            inside=f"{_UTILS}._get_kv_cache_config_uniform_type",
            anchor="num_blocks = get_num_blocks($$arguments)",
            code=_FEWER,
            versions="<0.11",
        ),
        InsertAfter(
            inside=f"{_UTILS}.get_kv_cache_config_from_groups",
            anchor="num_blocks = get_num_blocks($$arguments)",
            code=_FEWER,
            versions=">=0.11,<0.29",
        ),
        # From 0.29 on, every kind of cache but DeepSeek's indexer comes by here.
        InsertAfter(
            inside=f"{_UTILS}.get_kv_cache_config_from_groups",
            anchor="num_blocks = may_override_num_blocks(vllm_config, num_blocks)",
            code=_FEWER,
            versions=">=0.29,<0.33",
        ),
        AddImport(inside=_PLANNING, code=_IMPORT, versions=">=0.33"),
        InsertAfter(
            inside=f"{_PLANNING}.get_kv_cache_config_from_groups",
            anchor="num_blocks = may_override_num_blocks(vllm_config, num_blocks)",
            code=_FEWER,
            versions=">=0.33",
        ),
        AddImport(inside=_RUNNER, code=_IMPORT),
        InsertAfter(
            inside=f"{_RUNNER}.GPUModelRunner.initialize_kv_cache_tensors",
            anchor="bind_kv_cache($$arguments)",
            code="""
                if wheelwright_ucm_sparse.hash_attention:
                    kv_caches = wheelwright_ucm_sparse.hashes.add_caches(
                        kv_caches, self.compilation_config.static_forward_context, self.device
                    )
            """,
        ),
        # The attention itself has the KV cache alone.
        AddImport(inside=_BEFORE_016, code=_IMPORT, versions="<0.16"),
        InsertAfter(
            inside=f"{_BEFORE_016}.unified_attention",
            anchor="kv_cache = self.kv_cache[forward_context.virtual_engine]",
            code=_WITHOUT,
            versions="<0.11.1",
        ),
        InsertAfter(
            inside=f"{_BEFORE_016}.unified_attention_with_output",
            anchor="kv_cache = self.kv_cache[forward_context.virtual_engine]",
            code=_WITHOUT,
            versions="<0.11.1",
        ),
        InsertAfter(
            inside=f"{_BEFORE_016}.get_attention_context",
            anchor="kv_cache = $layers",
            code=_WITHOUT,
            versions=">=0.11.1,<0.16",
        ),
        AddImport(inside=_SINCE_016, code=_IMPORT, versions=">=0.16"),
        InsertAfter(
            inside=f"{_SINCE_016}.get_attention_context",
            anchor="kv_cache = $layers",
            code=_WITHOUT,
            versions=">=0.16",
        ),
    ],
)
