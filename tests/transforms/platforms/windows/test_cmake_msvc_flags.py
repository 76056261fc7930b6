"""MSVC has a branch of its own; what other compilers get stays as it is written."""

from __future__ import annotations

from tests.transforms.platforms.windows.cmake_patches import patched
from transforms.platforms.windows.cmake_msvc_flags import PATCH

BLOCK = """\
(VLLM_GPU_LANG STREQUAL "CUDA")
  set(CMAKE_CXX_FLAGS "${CMAKE_CXX_FLAGS} -I${CUDA_TOOLKIT_ROOT_DIR}/include")
  if(CUDA_VERSION VERSION_GREATER_EQUAL 13.0)
    set(CMAKE_CXX_FLAGS "${CMAKE_CXX_FLAGS} -I${CUDA_TOOLKIT_ROOT_DIR}/include/cccl")
  endif()
endif()
"""


def test_upstreams_branch_stays() -> None:
    after = patched(PATCH, "0.33.0", f"if{BLOCK}")
    assert after.startswith('if(MSVC AND VLLM_GPU_LANG STREQUAL "CUDA")\n')
    assert after.endswith(f"\nelseif{BLOCK}")


def test_paths_are_quoted_for_msvc_and_cccl_stays() -> None:
    ours, _ = patched(PATCH, "0.33.0", f"if{BLOCK}").split("elseif")
    assert r'" -I\"${CUDA_TOOLKIT_ROOT_DIR}/include\""' in ours
    assert r'" -I\"${CUDA_TOOLKIT_ROOT_DIR}/include/cccl\""' in ours
    for flag in ("-DUSE_CUDA", "-D_CRT_DECLARE_NONSTDC_NAMES=1", "/Zc:preprocessor"):
        assert ours.count(flag) == 2
