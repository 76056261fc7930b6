"""Choose between CUDA and ROCm around the calls of dispatch macros, not in their arguments."""

from transforms.edits import ApplyRule, Patch, cpp
from transforms.platforms.windows._folders import NOT_FOR_WINDOWS
from transforms.platforms.windows._sites import sites_of
from transforms.rules.cpp import directives_in_arguments

# Its function is written anew by `msvc_selective_scan`, which leaves no directive in an argument.
_SELECTIVE_SCAN = ("csrc/mamba", "csrc/libtorch_stable/mamba")

PATCH = Patch(
    why=(
        "moe/topk_softplus_sqrt_kernels.cu, and from 0.29 on activation_kernels.cu, do not compile "
        "with MSVC: an #ifdef in the arguments of a macro is a part of them there, not a directive"
    ),
    upstream="none: GCC and Clang obey such directives, though no standard says so",
    drop_when="clang -Wembedded-directive has nothing to say about what is compiled for Windows",
    # Before, selective_scan_fwd.cu has the only one.
    versions=">=0.20",
    edits=[
        ApplyRule(
            rule=directives_in_arguments.RULE,
            expected=sites_of("msvc_directives_in_arguments"),
            folder="csrc",
            without=(*NOT_FOR_WINDOWS, *_SELECTIVE_SCAN),
            suffixes=cpp.CPP,
        ),
    ],
)
