"""Give MSVC the flags that vLLM's and PyTorch's headers need there."""

from transforms.edits import Patch, cmake

PATCH = Patch(
    why=(
        "The include paths of CUDA are not quoted, so cl.exe reads a part of 'Program Files' as a file; "
        "nested macros such as BOOL_SWITCH do not expand in its old preprocessor, which CUDA 13 refuses; "
        "PyTorch's compiled_autograd.h does not compile without USE_CUDA."
    ),
    upstream="none: upstream does not plan to support Windows in tree",
    drop_when="CMakeLists.txt sets flags for MSVC",
    versions=">=0.14.1",
    edits=[
        cmake.Replace(
            path="CMakeLists.txt",
            find="""
                if(VLLM_GPU_LANG STREQUAL "CUDA")
                  set(CMAKE_CXX_FLAGS "${CMAKE_CXX_FLAGS} -I${CUDA_TOOLKIT_ROOT_DIR}/include")
                  if(CUDA_VERSION VERSION_GREATER_EQUAL 13.0)
                    set(CMAKE_CXX_FLAGS "${CMAKE_CXX_FLAGS} -I${CUDA_TOOLKIT_ROOT_DIR}/include/cccl")
                  endif()
                endif()
            """,
            replace=r"""
                if(MSVC AND VLLM_GPU_LANG STREQUAL "CUDA")
                  string(APPEND CMAKE_CXX_FLAGS " -I\"${CUDA_TOOLKIT_ROOT_DIR}/include\"")
                  if(CUDA_VERSION VERSION_GREATER_EQUAL 13.0)
                    string(APPEND CMAKE_CXX_FLAGS " -I\"${CUDA_TOOLKIT_ROOT_DIR}/include/cccl\"")
                  endif()
                  # USE_CUDA: a part of PyTorch's compiled_autograd.h is left out with it.
                  string(APPEND CMAKE_CXX_FLAGS " -DUSE_CUDA -D_CRT_DECLARE_NONSTDC_NAMES=1")
                  string(APPEND CMAKE_CUDA_FLAGS " -DUSE_CUDA -D_CRT_DECLARE_NONSTDC_NAMES=1")
                  # Only MSVC's new preprocessor expands nested variadic macros by the standard.
                  string(APPEND CMAKE_CXX_FLAGS " /Zc:preprocessor")
                  string(APPEND CMAKE_CUDA_FLAGS " -Xcompiler=/Zc:preprocessor")
                elseif(VLLM_GPU_LANG STREQUAL "CUDA")
                  set(CMAKE_CXX_FLAGS "${CMAKE_CXX_FLAGS} -I${CUDA_TOOLKIT_ROOT_DIR}/include")
                  if(CUDA_VERSION VERSION_GREATER_EQUAL 13.0)
                    set(CMAKE_CXX_FLAGS "${CMAKE_CXX_FLAGS} -I${CUDA_TOOLKIT_ROOT_DIR}/include/cccl")
                  endif()
                endif()
            """,
        ),
    ],
)
