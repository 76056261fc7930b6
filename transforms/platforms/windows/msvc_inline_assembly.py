"""Write PTX behind `asm`, which is C++, and not behind `__asm__`, which is GCC's."""

from transforms.edits import ApplyRule, Patch, cpp
from transforms.platforms.windows._folders import NOT_FOR_WINDOWS
from transforms.platforms.windows._sites import sites_of
from transforms.rules.cpp import inline_assembly

PATCH = Patch(
    why=(
        "quantization/awq/gemm_kernels.cu does not compile with MSVC, to which __asm__ and "
        "__volatile__ are names that nothing declares"
    ),
    upstream="none: vLLM does not plan to support Windows",
    drop_when="no device code in csrc/ has assembly behind __asm__",
    versions=">=0.14.1",
    edits=[
        ApplyRule(
            rule=inline_assembly.RULE,
            expected=sites_of("msvc_inline_assembly"),
            folder="csrc",
            without=NOT_FOR_WINDOWS,
            suffixes=cpp.CPP,
        ),
    ],
)
