"""Include the header with what MSVC lacks in everything that it compiles."""

from transforms.edits import Patch, cmake

PATCH = Patch(
    why="csrc uses names of POSIX and of GCC, such as uint and ssize_t, that MSVC's headers do not have.",
    upstream="none: upstream does not plan to support Windows in tree",
    drop_when="windows/msvc_compatibility_header is dropped",
    versions=">=0.14.1",
    edits=[
        cmake.InsertAfter(
            path="CMakeLists.txt",
            anchor="get_torch_gpu_compiler_flags(VLLM_GPU_FLAGS ${VLLM_GPU_LANG})",
            # nvcc's own option: its two passes both read the header before all others.
            code=r"""

                # Windows: what MSVC lacks, before all other headers.
                if(MSVC)
                  set(VLLM_WINDOWS_HEADER "${CMAKE_CURRENT_SOURCE_DIR}/csrc/wheelwright_windows.h")
                  string(APPEND CMAKE_CXX_FLAGS " /FI\"${VLLM_WINDOWS_HEADER}\"")
                  string(APPEND CMAKE_CUDA_FLAGS " -include \"${VLLM_WINDOWS_HEADER}\"")
                endif()
            """,
        ),
    ],
)
