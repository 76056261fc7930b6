"""UCM's cache of KV blocks outside of the engine: recovery where a load fails, and a connector of its own.

The counterpart is the package `ucm` (`uc-manager` on the index). It is imported only where ENABLE_UCM_PATCH asks
for it; otherwise the wheel behaves as stock.
"""

from transforms.edits import PatchSet

PATCH_SET = PatchSet(
    name="ucm",
    summary="UCM's external KV cache: recovery from failed loads, and UCM's connector; off until asked for",
    source="sdist",
    # UCM's own names, where a wheel has switches.
    aliases={
        "UCM_DISABLE_PATCHES": ("*",),
        "UCM_DISABLE_ATTENTION_PATCH": ("attention_layers",),
        "UCM_DISABLE_SCHEDULER_PATCH": ("load_error_recovery", "scheduler_*"),
    },
    verbose=("UCM_PATCH_VERBOSE",),
)
