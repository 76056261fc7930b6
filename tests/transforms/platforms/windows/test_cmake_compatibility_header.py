"""The header is included by force, in both languages, with MSVC only."""

from __future__ import annotations

from tests.transforms.platforms.windows.cmake_patches import patched
from transforms.platforms.windows.cmake_compatibility_header import PATCH
from transforms.platforms.windows.msvc_compatibility_header import PATCH as HEADER

BEFORE = """
get_torch_gpu_compiler_flags(VLLM_GPU_FLAGS ${VLLM_GPU_LANG})

#
# Set nvcc parallelism.
#
"""


def test_both_languages_get_it() -> None:
    after = patched(PATCH, "0.20.0", BEFORE)
    block = after[after.index("if(MSVC)") : after.index("endif()")]
    assert 'string(APPEND CMAKE_CXX_FLAGS " /FI\\"${VLLM_WINDOWS_HEADER}\\"")' in block
    assert 'string(APPEND CMAKE_CUDA_FLAGS " -include \\"${VLLM_WINDOWS_HEADER}\\"")' in block
    assert after.endswith("endif()\n\n#\n# Set nvcc parallelism.\n#\n")


def test_it_is_the_header_that_another_patch_adds() -> None:
    (added,) = [path for edit in HEADER.edits if (path := getattr(edit, "path", ""))]
    assert added == "csrc/wheelwright_windows.h"
    assert f"/{added}" in patched(PATCH, "0.33.0", BEFORE)
