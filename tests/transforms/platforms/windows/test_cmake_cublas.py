"""The targets that call cuBLAS link it, where MSVC's linker asks for that."""

from __future__ import annotations

import pytest

from tests.transforms.platforms.windows.cmake_patches import patched
from transforms.platforms.windows.cmake_cublas import PATCH

TARGETS = ("_C", "_moe_C", "_C_stable_libtorch")
BEFORE = "".join(
    f"define_extension_target(\n  {name}\n  LANGUAGE ${{VLLM_GPU_LANG}}\n  WITH_SOABI)\n"
    for name in TARGETS
)


@pytest.mark.parametrize(
    ("release", "linked"),
    [
        ("0.14.1", {"_C"}),
        ("0.17.0", {"_C", "_moe_C"}),
        ("0.20.2", {"_C", "_moe_C"}),
        ("0.21.0", {"_C"}),
        ("0.22.0", {"_C_stable_libtorch"}),
        ("0.33.0", {"_C_stable_libtorch"}),
    ],
)
def test_those_are_linked_that_call_it(release: str, linked: set[str]) -> None:
    after = patched(PATCH, release, BEFORE)
    for name in TARGETS:
        block = (
            'if(MSVC AND VLLM_GPU_LANG STREQUAL "CUDA")\n'
            "  # Elsewhere a module may leave symbols open; "
            "PyTorch has loaded the library by then.\n"
            f"  target_link_libraries({name} PRIVATE CUDA::cublas)\n"
            "endif()\n"
        )
        assert after.count(block) == (name in linked)
