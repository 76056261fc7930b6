"""Let UCM ask for blocks with the arguments that it knows."""

from transforms.edits import InsertBefore, Patch, Replace

_COORDINATOR = "vllm.v1.core.kv_cache_coordinator.KVCacheCoordinator"
_NEEDED = f"{_COORDINATOR}.get_num_blocks_to_allocate"
_NEW = f"{_COORDINATOR}.allocate_new_blocks"
_MAIN_MODEL = """
    if num_tokens_main_model is None:
        num_tokens_main_model = num_tokens
"""

PATCH = Patch(
    why=(
        "uc-manager calls the coordinator with a request, its tokens and its computed blocks; later releases "
        "require more, and each call fails with a TypeError"
    ),
    upstream="none: the coordinator is internal to vLLM",
    drop_when="uc-manager gives all arguments, or vLLM has defaults for those of encoders and drafts",
    versions=">=0.10.2",
    edits=[
        Replace(
            inside=_NEEDED,
            find="def get_num_blocks_to_allocate($$known, num_encoder_tokens: int) -> int:",
            replace="def get_num_blocks_to_allocate($$known, num_encoder_tokens: int = 0) -> int:",
            versions="<0.14",
        ),
        Replace(
            inside=_NEEDED,
            find="""
                def get_num_blocks_to_allocate(
                    $$known, num_encoder_tokens: int, total_computed_tokens: int
                ) -> int:
            """,
            replace="""
                def get_num_blocks_to_allocate(
                    $$known, num_encoder_tokens: int = 0, total_computed_tokens: int = 0
                ) -> int:
            """,
            versions=">=0.14,<0.16",
        ),
        Replace(
            inside=_NEEDED,
            find="""
                def get_num_blocks_to_allocate(
                    $$known,
                    num_encoder_tokens: int,
                    total_computed_tokens: int,
                    num_tokens_main_model: int,
                    $$others,
                ) -> int:
            """,
            replace="""
                def get_num_blocks_to_allocate(
                    $$known,
                    num_encoder_tokens: int = 0,
                    total_computed_tokens: int = 0,
                    num_tokens_main_model: int | None = None,
                    $$others,
                ) -> int:
            """,
            versions=">=0.16,<0.26",
        ),
        Replace(
            inside=_NEEDED,
            find="""
                def get_num_blocks_to_allocate(
                    $$known,
                    num_encoder_tokens: int,
                    total_computed_tokens: int,
                    num_local_computed_tokens: int,
                    num_tokens_main_model: int,
                    $$others,
                ) -> int:
            """,
            replace="""
                def get_num_blocks_to_allocate(
                    $$known,
                    num_encoder_tokens: int = 0,
                    total_computed_tokens: int = 0,
                    num_local_computed_tokens: int = 0,
                    num_tokens_main_model: int | None = None,
                    $$others,
                ) -> int:
            """,
            versions=">=0.26",
        ),
        InsertBefore(
            inside=_NEEDED,
            anchor="num_blocks_to_allocate = 0",
            code=_MAIN_MODEL,
            versions=">=0.16",
        ),
        Replace(
            inside=_NEW,
            find="def allocate_new_blocks($$known, num_tokens_main_model: int, $$others) -> $result:",
            replace="""
                def allocate_new_blocks(
                    $$known, num_tokens_main_model: int | None = None, $$others
                ) -> $result:
            """,
            versions=">=0.16",
        ),
        InsertBefore(
            inside=_NEW,
            anchor="return tuple($blocks)",
            code=_MAIN_MODEL,
            versions=">=0.16",
        ),
    ],
)
