"""Compile conditions that are written with `and`, `or` and `not`, which MSVC takes for names."""

from transforms.edits import ApplyRule, Patch, cpp
from transforms.platforms.windows._folders import NOT_FOR_WINDOWS
from transforms.platforms.windows._sites import sites_of
from transforms.rules.cpp import alternative_tokens

PATCH = Patch(
    why=(
        "`static_assert(A or B)` is a syntax error for cl.exe, unless it is strict (/permissive-, which "
        "/std:c++20 implies; vLLM asks for C++20 from 0.21 on) or <iso646.h> is included: "
        "allspark_qgemm_w8a16.cu does not compile. `||` is the same token for every compiler."
    ),
    upstream="none: vLLM does not plan to support Windows in its own tree",
    drop_when="csrc has no such word as an operator, or no release before 0.21 is built and MSVC is known to be strict",
    versions=">=0.14.1",
    edits=[
        ApplyRule(
            rule=alternative_tokens.RULE,
            expected=sites_of("msvc_alternative_tokens"),
            folder="csrc",
            without=NOT_FOR_WINDOWS,
            suffixes=cpp.CPP,
        ),
    ],
)
