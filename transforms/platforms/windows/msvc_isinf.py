"""Let device code ask CUDA, and not the host's library, whether a number is infinite."""

from transforms.edits import ApplyRule, Patch, cpp
from transforms.platforms.windows._folders import NOT_FOR_WINDOWS
from transforms.platforms.windows._sites import sites_of
from transforms.rules.cpp import isinf

PATCH = Patch(
    why=(
        "attention/merge_attn_states.cu does not compile with MSVC: std::isinf is a function of the "
        "host there, which a kernel may not call"
    ),
    upstream="none: vLLM does not plan to support Windows",
    drop_when="no device code in csrc/ calls std::isinf, std::isnan or std::isfinite",
    versions=">=0.14.1",
    edits=[
        ApplyRule(
            rule=isinf.RULE,
            expected=sites_of("msvc_isinf"),
            folder="csrc",
            without=NOT_FOR_WINDOWS,
            suffixes=cpp.CPP,
        ),
    ],
)
