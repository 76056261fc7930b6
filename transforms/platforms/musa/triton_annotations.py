"""Compile the Triton kernels that annotate a variable or a default with MUSA's older Triton."""

from transforms.edits import ApplyRule, Patch
from transforms.platforms.musa._expected_triton_annotations import EXPECTED
from transforms.rules import annassign

PATCH = Patch(
    why=(
        "MUSA's Triton is of the age of 3.1, which reads an annotated assignment only if it is "
        "constexpr: kernels with `left: tl.int32 = 0` or `n: int | None = None` fail at their first "
        "launch with AttributeError(\"'AnnAssign' object has no attribute 'targets'\")."
    ),
    upstream="none in vLLM: fixed in Triton 3.2.0, which MUSA's fork has yet to take",
    drop_when="the Triton that MUSA ships compiles `x: tl.int32 = 0`, as 3.2.0 and later do",
    versions=">=0.9.2",
    edits=[ApplyRule(rule=annassign.RULE, expected=EXPECTED)],
)
