"""Wait for other processes where there is no `os.sched_yield`."""

from transforms.edits import Patch, Replace

PATCH = Patch(
    why=(
        "whoever waits for a message in shared memory calls os.sched_yield() in its loop, if Python is new "
        "enough: \"AttributeError: module 'os' has no attribute 'sched_yield'\""
    ),
    upstream="none: vLLM does not plan to support Windows",
    drop_when="USE_SCHED_YIELD is false where the os module has no sched_yield",
    versions=">=0.14.1",
    edits=[
        Replace(
            inside="vllm.distributed.utils",
            find="USE_SCHED_YIELD = $new_enough",
            replace='USE_SCHED_YIELD = hasattr(os, "sched_yield") and ($new_enough)',
        ),
    ],
)
