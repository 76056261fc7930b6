"""vLLM on Moore Threads GPUs, through a platform plugin whose device type is `musa`."""

from transforms.edits import PatchSet

PATCH_SET = PatchSet(
    name="musa",
    summary="Moore Threads GPUs: an older Triton, and guards where vLLM asks for CUDA by name",
    source="sdist",
    dialect="triton-3.1",
)
