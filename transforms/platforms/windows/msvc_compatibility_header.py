"""Declare for MSVC what csrc/ takes from glibc's headers and GCC's builtins."""

from transforms.edits import AddModule, Patch

PATCH = Patch(
    why=(
        "MSVC knows no uint (merge_attn_states.cu, fused_qknorm_rope_kernel.cu), no ssize_t "
        "(cumem_allocator.cpp), no M_LOG2E (selective_scan_fwd.cu) without being asked, and no "
        "__builtin_clz (next_pow_2); its first error is \"identifier 'uint' is undefined\""
    ),
    upstream="none: vLLM does not plan to support Windows",
    drop_when="nothing that is compiled for Windows uses what the header declares",
    versions=">=0.14.1",
    # CMakeLists.txt includes it by force: see `cmake_compatibility_header`.
    edits=[AddModule(path="csrc/wheelwright_windows.h")],
)
