"""Start processes with `spawn`, where there is no `fork`."""

from transforms.edits import InsertAfter, Patch

_SYSTEM = "vllm.utils.system_utils"

PATCH = Patch(
    why=(
        "vLLM starts its processes with fork unless something speaks against it; on Windows each start "
        "ends in \"ValueError: cannot find context for 'fork'\""
    ),
    upstream="none: vLLM does not plan to support Windows",
    drop_when="_maybe_force_spawn knows that Windows can only spawn",
    versions=">=0.14.1",
    edits=[
        # Upstream says the same of WSL: it warns, once, and tells child processes.
        InsertAfter(
            inside=f"{_SYSTEM}._maybe_force_spawn",
            anchor="reasons = []",
            code="""
                if sys.platform == "win32":
                    reasons.append("Windows has no fork")
            """,
        ),
    ],
)
