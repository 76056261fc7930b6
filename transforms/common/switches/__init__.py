"""What a wheel with switches carries beside what every wheel does (`-C switches=on`)."""

from transforms.edits import PatchSet

PATCH_SET = PatchSet(
    name="wheelwright",
    summary="upstream's code beside that of the patches, chosen where vLLM is imported",
    source="sdist",
)
