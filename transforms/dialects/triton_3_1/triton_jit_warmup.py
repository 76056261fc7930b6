"""Let a worker start although its Triton cannot say which kernels a launch would compile."""

from transforms.edits import InsertBefore, Patch

PATCH = Patch(
    why=(
        "vLLM compiles its kernels before the first request, under cache keys that it computes "
        "with triton.knobs and compute_cache_key, which Triton before 3.5 lacks: the worker "
        "stops at an AttributeError. Without the warm-up a kernel is compiled at its first launch."
    ),
    upstream="none: upstream pins a newer Triton",
    drop_when="the platform's Triton has triton.runtime.jit.compute_cache_key, as 3.5.0 does",
    versions=">=0.30",
    edits=[
        InsertBefore(
            inside=(
                "vllm.model_executor.warmup.jit_warmup_triton_helper"
                "._DecoratedTritonJitKernel.get_warmup_keys"
            ),
            anchor="keys: list[TritonCompileKey] = []",
            code="""
                if not hasattr(triton.runtime.jit, "compute_cache_key"):
                    return []
            """,
        ),
    ],
)
