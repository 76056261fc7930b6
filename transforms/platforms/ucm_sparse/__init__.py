"""The points where UCM's sparse attention takes part: attention, scheduler, KV cache, model runner.

The counterpart is the package `ucm` (`uc-manager` on the index). It is imported only where ENABLE_SPARSE asks for it;
otherwise the wheel behaves as stock.
"""

from transforms.edits import PatchSet

PATCH_SET = PatchSet(
    name="ucm-sparse",
    summary="UCM's sparse attention: its points in every process; off until asked for",
    source="sdist",
    aliases={
        "UCM_DISABLE_PATCHES": ("*",),
        "UCM_DISABLE_ATTENTION_PATCH": ("attention", "mla_attention"),
        "UCM_DISABLE_SCHEDULER_PATCH": ("scheduler*",),
    },
    verbose=("UCM_PATCH_VERBOSE",),
)
