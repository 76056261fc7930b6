"""Compile the fused SiLU kernel's copies of 16 bytes, for which MSVC has no integer."""

from transforms.edits import ApplyRule, Patch, cpp
from transforms.platforms.windows._folders import NOT_FOR_WINDOWS
from transforms.platforms.windows._sites import sites_of
from transforms.rules.cpp import int128

PATCH = Patch(
    why=(
        "activation_kernels.cu moves 16 bytes at once through pointers to `__int128_t`, a type of gcc "
        "and clang: MSVC has no integer of 128 bits, so the file does not compile. CUDA's `int4` has the "
        "same size and alignment, and the file uses no more of it."
    ),
    upstream="none: vLLM does not plan to support Windows in its own tree",
    drop_when="csrc has no __int128_t",
    versions=">=0.14.1",
    edits=[
        ApplyRule(
            rule=int128.RULE,
            expected=sites_of("msvc_int128"),
            folder="csrc",
            without=NOT_FOR_WINDOWS,
            suffixes=cpp.CPP,
        ),
    ],
)
