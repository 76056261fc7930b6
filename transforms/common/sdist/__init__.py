"""What every patched sdist carries beside what every wheel does, whichever the platform."""

from transforms.edits import PatchSet

PATCH_SET = PatchSet(
    name="wheelwright",
    summary="what upstream's own build has to know of a patched sdist",
    source="sdist",
    builds="sdist",
)
