"""The points where UCM's sparse attention takes part: attention, scheduler, KV cache, model runner."""

from transforms.edits import PatchSet

PATCH_SET = PatchSet(
    name="ucm-sparse",
    summary="UCM's sparse attention (uc-manager) compiled in; off until ENABLE_SPARSE asks for it",
    source="wheel",
)
