"""Say `__forceinline__` and `alignas`, which nvcc knows everywhere, for GCC's attributes."""

from transforms.edits import Patch, cpp

_INLINE = "#define FLASHINFER_INLINE inline __attribute__((always_inline)) __device__"
_FORCED = "#define FLASHINFER_INLINE __forceinline__ __device__"

PATCH = Patch(
    why=(
        "persistent_topk.cuh, and from 0.33 on mnnvl_lamport.cuh, do not compile with MSVC: "
        "__attribute__ is a name there that nothing declares"
    ),
    upstream="none: vLLM does not plan to support Windows",
    drop_when="no file that is compiled for Windows says __attribute__",
    # Before, none does. CUDA and HIP define __forceinline__ as that attribute for GCC and Clang.
    versions=">=0.20",
    edits=[
        cpp.Replace(
            path="csrc/persistent_topk.cuh", find=_INLINE, replace=_FORCED, versions="<0.23"
        ),
        cpp.Replace(
            path="csrc/libtorch_stable/persistent_topk.cuh",
            find=_INLINE,
            replace=_FORCED,
            versions=">=0.23,<0.32",
        ),
        cpp.Replace(
            path="csrc/persistent_topk.cuh", find=_INLINE, replace=_FORCED, versions=">=0.32"
        ),
        cpp.Replace(
            path="csrc/mnnvl_lamport.cuh",
            find="struct __attribute__((aligned(32))) LamportFlags",
            replace="struct alignas(32) LamportFlags",
            versions=">=0.33",
        ),
    ],
)
