"""What every patched wheel carries, whichever the platform: it can say what it is."""

from transforms.edits import PatchSet

PATCH_SET = PatchSet(
    name="wheelwright",
    summary="the wheel's description of itself",
    source="sdist",
)
