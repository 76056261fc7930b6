"""Build with the CUDA toolkit that `CUDA_HOME` names."""

from transforms.edits import Patch, cmake

PATCH = Patch(
    why=(
        "With several CUDA toolkits installed, find_package(Torch) takes the one of CUDA_PATH, which "
        "the last installer has set: headers of CUDA 13 meet the nvcc of 12.6, and the build stops."
    ),
    upstream="none: upstream does not plan to support Windows in tree",
    drop_when="find_package(Torch) goes by CUDA_HOME before it goes by CUDA_PATH",
    versions=">=0.14.1",
    edits=[
        cmake.InsertAfter(
            path="CMakeLists.txt",
            anchor='append_cmake_prefix_path("torch" "torch.utils.cmake_prefix_path")',
            # FindCUDA takes CUDA_BIN_PATH, the toolkit's root, from the environment only.
            code=r"""

                # Windows: of several CUDA toolkits, take the one that CUDA_HOME names.
                if(WIN32 AND NOT "$ENV{CUDA_HOME}" STREQUAL "")
                  string(REPLACE "\\" "/" CUDA_TOOLKIT_ROOT_DIR "$ENV{CUDA_HOME}")
                  set(CUDAToolkit_ROOT "${CUDA_TOOLKIT_ROOT_DIR}")
                  set(ENV{CUDA_BIN_PATH} "${CUDA_TOOLKIT_ROOT_DIR}")
                endif()
            """,
        ),
    ],
)
