"""Let UCM give a sparse request its blocks."""

from transforms.edits import AddArgument, AddImport, InsertBefore, Patch

_MODULE = "vllm.v1.core.kv_cache_manager"
_ALLOCATE = f"{_MODULE}.KVCacheManager.allocate_slots"

PATCH = Patch(
    why=(
        "the KV cache grows with every token; a sparse request keeps fewer slots than it has tokens, and only "
        "the method knows which blocks these are"
    ),
    upstream="none: vLLM has no interface for sparse attention by a plugin",
    drop_when="allocate_slots takes a number of slots that is not that of the tokens",
    versions=">=0.9.2",
    edits=[
        AddImport(inside=_MODULE, code="from vllm import wheelwright_ucm_sparse"),
        # Python 3.9 was supported until 0.11.0.
        AddArgument(
            inside=_ALLOCATE,
            argument="num_slots_sparsed: Optional[int] = None",
            versions="<0.11.1",
        ),
        AddArgument(
            inside=_ALLOCATE,
            argument="num_slots_sparsed: int | None = None",
            versions=">=0.11.1",
        ),
        InsertBefore(
            inside=_ALLOCATE,
            anchor="""
                if new_computed_blocks is not None:
                    $$given
                else:
                    $$none
            """,
            code="""
                if num_slots_sparsed is not None:
                    return wheelwright_ucm_sparse.scheduling.allocate_slots(
                        self, request, num_slots_sparsed
                    )
            """,
        ),
    ],
)
