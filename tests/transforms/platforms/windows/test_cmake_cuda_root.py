"""The toolkit is chosen before find_package(Torch), on Windows only."""

from __future__ import annotations

from tests.transforms.platforms.windows.cmake_patches import patched
from transforms.platforms.windows.cmake_cuda_root import PATCH

BEFORE = """
append_cmake_prefix_path("torch" "torch.utils.cmake_prefix_path")

# Before it is looked for
find_package(Torch REQUIRED)
"""


def test_it_stands_before_the_package_is_looked_for() -> None:
    after = patched(PATCH, "0.14.1", BEFORE)
    begin, rest = after.split('if(WIN32 AND NOT "$ENV{CUDA_HOME}" STREQUAL "")\n')
    block, end = rest.split("endif()\n")
    assert begin.startswith('append_cmake_prefix_path("torch" "torch.utils.cmake_prefix_path")\n\n')
    assert end == "\n# Before it is looked for\nfind_package(Torch REQUIRED)\n"
    assert '  string(REPLACE "\\\\" "/" CUDA_TOOLKIT_ROOT_DIR "$ENV{CUDA_HOME}")\n' in block
