"""Compile CUDA's raw types, and in C++17 all others, whose members are given by their names."""

from transforms.edits import ApplyRule, Patch, cpp
from transforms.platforms.windows._folders import NOT_FOR_WINDOWS
from transforms.platforms.windows._sites import sites_of
from transforms.rules.cpp import designated_initializers
from transforms.rules.cpp.aggregates import CUDA_RAW_TYPES, Aggregate
from transforms.rules.cpp.designated_initializers import DesignatedInitializers

_EXPECTED = sites_of("msvc_designated_initializers")
# The types of all others in the releases that are C++17, as their headers declare them.
_OTHERS = (
    Aggregate(
        name="MMArgs",
        members=(
            "A",
            "B",
            "b_type",
            "maybe_out_type",
            "maybe_group_scales",
            "maybe_group_zeros",
            "maybe_group_size",
            "maybe_channel_scales",
            "maybe_token_scales",
            "maybe_schedule",
        ),
        functions=("mm_dispatch",),
    ),
    Aggregate(
        name="SupportedSchedulesArgs",
        members=(
            "a_type",
            "b_type",
            "maybe_group_scales_type",
            "maybe_group_zeros_type",
            "maybe_channel_scales_type",
            "maybe_token_scales_type",
            "maybe_out_type",
        ),
        functions=("supported_schedules_dispatch",),
    ),
    Aggregate(
        name="PrepackBArgs",
        members=("B", "a_type", "b_type", "maybe_group_scales_type"),
        functions=("prepack_B_dispatch",),
    ),
    Aggregate(
        name="FastTopKParams",
        members=("input", "row_starts", "indices", "lengths", "input_stride"),
    ),
)

PATCH = Patch(
    why=(
        "`__nv_bfloat16_raw{.x = 17376}` is C++20, which gcc and clang take in C++17 as well and MSVC "
        "does not (error C7555): activation_kernels.cu, machete_pytorch.cu and topk.cu do not compile. "
        "From 0.21 on vLLM asks for C++20, where MSVC has it; CUDA's raw types are still written without, "
        "so that their constants do not depend on the standard that nvcc passes on to cl.exe."
    ),
    upstream="none: vLLM does not plan to support Windows in its own tree",
    drop_when="no release before 0.21 is built, and nvcc is known to compile for MSVC as C++20",
    versions=">=0.14.1",
    edits=[
        ApplyRule(
            rule=DesignatedInitializers(aggregates=(*CUDA_RAW_TYPES, *_OTHERS), everywhere=True),
            expected=_EXPECTED,
            folder="csrc",
            without=NOT_FOR_WINDOWS,
            suffixes=cpp.CPP,
            versions="<0.21",
        ),
        ApplyRule(
            rule=designated_initializers.RULE,
            expected=_EXPECTED,
            folder="csrc",
            without=NOT_FOR_WINDOWS,
            suffixes=cpp.CPP,
            versions=">=0.21",
        ),
    ],
)
