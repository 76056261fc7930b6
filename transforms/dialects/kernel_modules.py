"""What the kernels of vLLM take from vLLM itself, for a compiler that runs them without vLLM.

Kernels are compiled one file at a time where neither vLLM nor torch is installed. Their modules
import a few things all the same, and this says what stands for them. It is data, handed on as JSON
to `build_hooks.triton.runner`, which knows the kinds and no module:

- ``triton``: an object of the Triton that compiles, by its dotted name; nothing where it lacks it.
- ``value``: a constant.
- ``gives``: a function that returns this, whatever it is asked.
- ``hopper``: a platform that says it is a GPU of compute capability 9.0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_TRITON = {
    "triton": ("triton", "triton"),
    "tl": ("triton", "triton.language"),
    "tldevice": ("triton", "triton.language.extra.libdevice"),
    "gluon": ("triton", "triton.experimental.gluon"),
    "gl": ("triton", "triton.experimental.gluon.language"),
    "aggregate": ("triton", "triton.language.core._aggregate"),
    "HAS_TRITON": ("value", True),
    "LOG2E": ("value", 1.4426950408889634),
    "LOGE2": ("value", 0.6931471805599453),
    "use_tensor_descriptor": ("gives", False),
}

KERNEL_MODULES: Mapping[str, object] = {
    "package": "vllm",
    # Kernels take `triton` from these, beside Triton itself.
    "triton": ["vllm.triton_utils"],
    "stand_ins": {
        "vllm.triton_utils": _TRITON,
        "vllm.platforms": {"current_platform": ("hopper", None)},
    },
    # They hold no kernel, and kernels take their values as constants.
    "constants": ["vllm.scalar_type", "vllm.utils.math_utils"],
    # Ours, so that a statement of them that fails is a failure and no finding.
    "strict": ["vllm.wheelwright_triton", "vllm.wheelwright_triton_imports"],
}
