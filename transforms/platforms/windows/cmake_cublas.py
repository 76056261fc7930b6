"""Link the extensions that call cuBLAS with it."""

from transforms.edits import Patch, cmake


def _linked(target: str, versions: str) -> cmake.InsertAfter:
    return cmake.InsertAfter(
        path="CMakeLists.txt",
        anchor=f"define_extension_target(\n  {target}\n  $$arguments)",
        code=f"""
            if(MSVC AND VLLM_GPU_LANG STREQUAL "CUDA")
              # Elsewhere a module may leave symbols open; PyTorch has loaded the library by then.
              target_link_libraries({target} PRIVATE CUDA::cublas)
            endif()
        """,
        versions=versions,
    )


PATCH = Patch(
    why=(
        "The GPTQ kernels call cublasHgemm, but nothing links cuBLAS: MSVC's linker stops with "
        "'unresolved external symbol', where ld leaves the symbol to the process."
    ),
    upstream="none: upstream does not plan to support Windows in tree",
    drop_when="the targets with quantization/gptq/q_gemm.cu and moe/router_gemm.cu link CUDA::cublas",
    versions=">=0.14.1",
    edits=[
        _linked("_C", "<0.22"),
        # moe/router_gemm.cu
        _linked("_moe_C", ">=0.17,<0.21"),
        # The GPTQ kernels have moved.
        _linked("_C_stable_libtorch", ">=0.22"),
    ],
)
