"""What Triton 3.1 and the forks of its age cannot compile, MUSA's among them."""

from transforms.dialects.patches import counted_patches, dialect_patches
from transforms.dialects.triton_3_1._expected import EXPECTED
from transforms.edits import PatchSet
from transforms.rules.triton.dialect import TRITON_3_1

COUNTED = counted_patches(TRITON_3_1, EXPECTED)
PATCH_SET = PatchSet(
    name=TRITON_3_1.name,
    summary="Triton 3.1 and forks of its age: kernels in the language that they compile",
    source="sdist",
    patches=dialect_patches(TRITON_3_1, EXPECTED),
)
