"""Compile the fused SiLU kernel's loads of 8 bytes, which have glibc's own name for int64_t."""

from transforms.edits import ApplyRule, Patch, cpp
from transforms.platforms.windows._folders import NOT_FOR_WINDOWS
from transforms.platforms.windows._sites import sites_of
from transforms.rules.cpp import int64

PATCH = Patch(
    why=(
        "activation_kernels.cu reads 8 bytes at once as `__int64_t`, a name of glibc's headers that no "
        "other C library has: the file does not compile on Windows. `int64_t` is the same type on Linux."
    ),
    upstream="none: vLLM does not plan to support Windows in its own tree",
    drop_when="csrc has no __int64_t",
    versions=">=0.14.1",
    edits=[
        ApplyRule(
            rule=int64.RULE,
            expected=sites_of("msvc_int64"),
            folder="csrc",
            without=NOT_FOR_WINDOWS,
            suffixes=cpp.CPP,
        ),
    ],
)
