"""Tell vLLM of the switches' variables: they are known, and travel to Ray's workers."""

from transforms.edits import ExtendLiteral, InsertAfter, Patch

_ENVS = "vllm.envs"

PATCH = Patch(
    why=(
        "vLLM warns of VLLM_WHEELWRIGHT_DISABLE as unknown, or refuses to start "
        "(--fail-on-environ-validation); to the workers of Ray on other nodes it copies only variables "
        "that it knows (to 0.16.0), so that these would run other code"
    ),
    upstream="none: the variables are those of switches, which upstream does not have",
    drop_when="nobody builds with -C switches=on any more",
    versions=">=0.14.1",
    edits=[
        InsertAfter(
            inside=_ENVS,
            anchor="VLLM_NVTX_SCOPES_FOR_PROFILING: bool = False",
            code="""
                VLLM_WHEELWRIGHT_DISABLE: str = ""
                VLLM_WHEELWRIGHT_VERBOSE: bool = False
            """,
        ),
        ExtendLiteral(
            inside=_ENVS,
            name="environment_variables",
            add="""
                "VLLM_WHEELWRIGHT_DISABLE": lambda: os.getenv("VLLM_WHEELWRIGHT_DISABLE", ""),
                "VLLM_WHEELWRIGHT_VERBOSE": lambda: os.getenv("VLLM_WHEELWRIGHT_VERBOSE") == "1"
            """,
        ),
        # What is off enters the key by its patches: two ways to say one thing share compiled code.
        ExtendLiteral(
            inside=f"{_ENVS}.compile_factors",
            name="ignored_factors",
            add="""
                "VLLM_WHEELWRIGHT_DISABLE",
                "VLLM_WHEELWRIGHT_VERBOSE"
            """,
        ),
    ],
)
