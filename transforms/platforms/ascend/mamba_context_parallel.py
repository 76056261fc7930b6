"""Look up cached prefixes of hybrid Mamba models on Ascend under context parallelism."""

from transforms.edits import InsertAfter, Patch, Replace

_MANAGER = "vllm.v1.core.single_type_kv_cache_manager.MambaManager"

PATCH = Patch(
    why=(
        "With decode or prefill context parallelism, MambaManager takes blocks for bigger than a rank's Mamba state, "
        'and the lookup of a prefix ends in "AssertionError: DCP not support mamba now." On Ascend each rank holds '
        "the whole state, and vllm-ascend's kernels support both. Other devices refuse as before."
    ),
    upstream="https://github.com/vllm-project/vllm/pull/40996 (decode context parallelism; in 0.26.0 for block sizes)",
    drop_when="MambaManager.find_longest_cache_hit refuses neither dcp_world_size nor pcp_world_size",
    versions=">=0.23",
    replaces=("vllm.v1.core.single_type_kv_cache_manager:MambaManager",),
    edits=[
        # From 0.26 on upstream does this on every device.
        InsertAfter(
            inside=f"{_MANAGER}.__init__",
            anchor="super().__init__(kv_cache_spec, block_pool, **kwargs)",
            code="""
                from vllm.platforms import current_platform

                if current_platform.device_type == "npu":
                    self.block_size = kv_cache_spec.block_size
            """,
            versions="<0.26",
        ),
        Replace(
            inside=f"{_MANAGER}.find_longest_cache_hit",
            find="""
                assert dcp_world_size == 1, $dcp
                assert pcp_world_size == 1, $pcp
            """,
            replace="""
                from vllm.platforms import current_platform

                if current_platform.device_type != "npu":
                    assert dcp_world_size == 1, $dcp
                    assert pcp_world_size == 1, $pcp
            """,
        ),
    ],
)
