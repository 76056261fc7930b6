"""Tell vLLM of the recorder's variables: they are known, travel to Ray's workers, and change no compiled code."""

from transforms.edits import ExtendLiteral, InsertAfter, Patch

_ENVS = "vllm.envs"

PATCH = Patch(
    why=(
        "vLLM warns of each VLLM_PROFILING_ variable as unknown, or refuses to start "
        "(--fail-on-environ-validation); to the workers of Ray on other nodes it copies only variables "
        "that it knows (to 0.16.0), so that these would not record"
    ),
    upstream="none: the variables are the recorder's, which upstream does not have",
    drop_when="the profile platform is dropped",
    versions=">=0.14.1",
    edits=[
        InsertAfter(
            inside=_ENVS,
            anchor="VLLM_NVTX_SCOPES_FOR_PROFILING: bool = False",
            code="""
                VLLM_ENABLE_PROFILING: bool = False
                VLLM_PROFILING_DIR: str = "/tmp/vllm_profiling"
                VLLM_PROFILING_LOG_INTERVAL: int = 100
                VLLM_PROFILING_VERBOSE: bool = False
                VLLM_PROFILING_DEBUG: bool = False
                VLLM_PROFILING_SESSION: str = ""
            """,
        ),
        ExtendLiteral(
            inside=_ENVS,
            name="environment_variables",
            add="""
                "VLLM_ENABLE_PROFILING": lambda: os.getenv("VLLM_ENABLE_PROFILING") == "1",
                "VLLM_PROFILING_DIR": lambda: os.getenv("VLLM_PROFILING_DIR") or "/tmp/vllm_profiling",
                "VLLM_PROFILING_LOG_INTERVAL": lambda: int(os.getenv("VLLM_PROFILING_LOG_INTERVAL") or 100),
                "VLLM_PROFILING_VERBOSE": lambda: os.getenv("VLLM_PROFILING_VERBOSE") == "1",
                "VLLM_PROFILING_DEBUG": lambda: os.getenv("VLLM_PROFILING_DEBUG") == "1",
                "VLLM_PROFILING_SESSION": lambda: os.getenv("VLLM_PROFILING_SESSION", "")
            """,
        ),
        # What is recorded stands outside of what torch.compile sees, so that one cache is good for both.
        ExtendLiteral(
            inside=f"{_ENVS}.compile_factors",
            name="ignored_factors",
            add="""
                "VLLM_ENABLE_PROFILING",
                "VLLM_PROFILING_DIR",
                "VLLM_PROFILING_LOG_INTERVAL",
                "VLLM_PROFILING_VERBOSE",
                "VLLM_PROFILING_DEBUG",
                "VLLM_PROFILING_SESSION"
            """,
        ),
    ],
)
