"""The folders that Windows has no use for: native code that no CUDA build there compiles, and Python."""

NOT_FOR_WINDOWS = (
    # The CPU back end: an extension of its own, of builds for VLLM_TARGET_DEVICE=cpu.
    "csrc/cpu",
    # What CMakeLists.txt compiles, and headers include, for ROCm only. What else ROCm has of its
    # own are single files beside CUDA's (`custom_quickreduce.cu`, `*_rocm.cu`, `*_rdna3.cu`,
    # `*_cdna.cu`): rules look into those, and so far have no site there.
    "csrc/rocm",
    "csrc/quickreduce",
    "csrc/quantization/w8a8/fp8/amd",
    "csrc/libtorch_stable/quantization/w8a8/fp8/amd",
)
"""Rules over the native code leave these alone, so that they stay as upstream has them."""

# Snapshots of a running engine are CRIU's, which exists for Linux alone.
LINUX_ONLY = ("vllm/snapshot",)
"""Rules over vLLM's Python leave these alone: no module outside imports them before it is asked to."""
