"""vLLM on Windows: what MSVC, CMake and Python have to find different there."""

from transforms.edits import PatchSet

PATCH_SET = PatchSet(
    name="windows",
    summary="native Windows builds: MSVC, CMake, and what only POSIX has; one GPU, no Triton",
    source="sdist",
    builds="sdist",
)
