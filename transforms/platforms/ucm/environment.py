"""Tell vLLM of UCM's switch, so that it travels to the workers that Ray starts."""

from transforms.edits import ExtendLiteral, InsertAfter, Patch

_ENVS = "vllm.envs"

PATCH = Patch(
    why=(
        "Ray's workers get the variables that vllm.envs knows: ENABLE_UCM_PATCH is not one of them, so UCM is on in "
        "the scheduler and off in the workers"
    ),
    upstream="none: the variable is UCM's, which upstream does not have",
    drop_when="the platform ucm is dropped",
    versions=">=0.9.2",
    edits=[
        InsertAfter(
            inside=_ENVS,
            anchor="VLLM_ENABLE_V1_MULTIPROCESSING: bool = True",
            code='ENABLE_UCM_PATCH: str = ""',
        ),
        ExtendLiteral(
            inside=_ENVS,
            name="environment_variables",
            add='"ENABLE_UCM_PATCH": lambda: os.getenv("ENABLE_UCM_PATCH", "").lower()',
        ),
    ],
)
