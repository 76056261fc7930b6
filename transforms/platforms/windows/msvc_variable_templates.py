"""Compile the largest values of quantized types as functions: nvcc with MSVC takes no attributes on variables."""

from transforms.edits import ApplyRule, Patch, cpp
from transforms.platforms.windows._folders import NOT_FOR_WINDOWS
from transforms.platforms.windows._sites import sites_of
from transforms.rules.cpp.variable_templates import VariableTemplates

PATCH = Patch(
    why=(
        "quantization/utils.cuh gives a variable template `__host__ __device__`: with MSVC behind it, "
        "nvcc stops where it only warns with gcc (1835: attribute does not apply here). A function "
        "template may have them, so `quant_type_max_v<T>` becomes `quant_type_max_v<T>()` in each file "
        "that uses it. ROCm's macro for the attributes is empty: there clang takes a constexpr function "
        "for one of host and device, as it took the variable."
    ),
    upstream="none: vLLM does not plan to support Windows in its own tree",
    drop_when="quant_type_max_v is no variable template with MAYBE_HOST_DEVICE any more",
    versions=">=0.14.1",
    edits=[
        ApplyRule(
            rule=VariableTemplates(names=("quant_type_max_v",)),
            expected=sites_of("msvc_variable_templates"),
            folder="csrc",
            without=NOT_FOR_WINDOWS,
            suffixes=cpp.CPP,
        ),
    ],
)
