"""Tell vLLM of UCM's variables: they are known, travel to Ray's workers, and change what is compiled."""

from transforms.edits import ExtendLiteral, InsertAfter, Patch

_ENVS = "vllm.envs"

PATCH = Patch(
    why=(
        "a graph that was compiled with UCM's points in it is taken from vLLM's cache for an engine without "
        "them, and the other way round: the cache's key does not know ENABLE_SPARSE; VLLM_HASH_ATTENTION is "
        "reported as unknown, or refused (--fail-on-environ-validation)"
    ),
    upstream="none: the variables are UCM's, which upstream does not have",
    drop_when="the ucm-sparse platform is dropped",
    versions=">=0.9.2",
    edits=[
        InsertAfter(
            inside=_ENVS,
            anchor="VLLM_ENABLE_V1_MULTIPROCESSING: bool = True",
            code="""
                ENABLE_SPARSE: str = "0"
                VLLM_HASH_ATTENTION: bool = False
            """,
        ),
        ExtendLiteral(
            inside=_ENVS,
            name="environment_variables",
            add="""
                "ENABLE_SPARSE": lambda: os.getenv("ENABLE_SPARSE", "0").lower(),
                "VLLM_HASH_ATTENTION": lambda: os.getenv("VLLM_HASH_ATTENTION") == "1"
            """,
        ),
        # From 0.12 on, everything that is known is in the key.
        ExtendLiteral(
            inside=f"{_ENVS}.compute_hash",
            name="environment_variables_to_hash",
            add='"ENABLE_SPARSE", "VLLM_HASH_ATTENTION"',
            versions="<0.12",
        ),
    ],
)
