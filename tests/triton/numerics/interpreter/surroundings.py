"""Import kernels' modules of an unpacked vLLM as they are, where little of vLLM can be imported.

Every module is executed from its own file, except for the few named here: they describe the
machine, or ask for packages and for compiled code that are not here. The `__init__` of a package is
not executed, but for those that kernels take something from.
"""

from __future__ import annotations

import importlib.abc
import importlib.util
import sys
from importlib.machinery import ModuleSpec
from typing import TYPE_CHECKING, Any

import torch
import triton
import triton.language

from build_hooks.triton.runner.inert import Inert, inert_attribute

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import ModuleType

PACKAGE = "vllm"
TRITON_UTILS = "vllm.triton_utils"
EXECUTED_PACKAGES = {TRITON_UTILS}
COMPUTE_UNITS = 2
"""Fewer than a batch has rows, so that a program walks over several."""


class NoGpu(Inert):
    """``current_platform`` of a machine that is of no maker: launchers take their Triton paths."""

    dispatch_key = "CPU"
    device_type = "cpu"

    def fp8_dtype(self) -> torch.dtype:
        """Give the type that MUSA and CUDA have."""
        return torch.float8_e4m3fn

    def __getattr__(self, name: str) -> object:
        """Answer what is asked about the machine: no."""
        if name.startswith("is_"):
            return lambda *_asked: False
        return super().__getattr__(name)


STANDINS: dict[str, dict[str, object]] = {
    "vllm.platforms": {"current_platform": NoGpu()},
    "vllm.logger": {},
    # Asks for `regex`, and knows devices.
    "vllm.utils.import_utils": {},
    "vllm.utils.platform_utils": {"num_compute_units": lambda _device=0: COMPUTE_UNITS},
    # What follows asks for the compiled extension, for the configuration, or for other packages.
    "vllm._custom_ops": {},
    "vllm.config.model": {},
    "vllm.distributed": {},
    "vllm.sampling_params": {},
    "vllm.model_executor.layers.fused_moe.config": {},
    "vllm.model_executor.layers.fused_moe.experts.lora_experts_mixin": {},
    "vllm.model_executor.layers.fused_moe.modular_kernel": {},
    "vllm.model_executor.layers.fused_moe.topk_weight_and_reduce": {},
    "vllm.model_executor.layers.fused_moe.utils": {
        "enable_swap_ab": lambda *_blocks: False,
        "resolve_moe_use_td": lambda: False,
    },
    "vllm.model_executor.layers.quantization.utils.quant_utils": {
        "get_fp8_min_max": lambda: (-448.0, 448.0),
    },
    "vllm.model_executor.layers.quantization.utils.w8a8_utils": {},
    "vllm.model_executor.parameter": {},
    "vllm.utils.deep_gemm": {"is_deep_gemm_e8m0_used": lambda: False},
    "vllm.utils.mem_utils": {},
    "vllm.utils.nccl": {},
    "vllm.v1.attention.backends.registry": {},
    "vllm.v1.attention.ops.triton_decode_attention": {},
    "vllm.v1.outputs": {},
    "vllm.v1.sample.logits_processor.builtin": {},
    "vllm.v1.sample.metadata": {},
    "vllm.v1.sample.ops.penalties": {},
    "vllm.v1.sample.ops.topk_topp_sampler": {},
    "vllm.v1.sample.sampler": {},
    "vllm.v1.spec_decode.fly": {},
    "vllm.v1.spec_decode.metadata": {},
    "vllm.v1.spec_decode.utils": {},
    "vllm.v1.worker.gpu.buffer_utils": {},
    "vllm.v1.worker.gpu.sample.logits_processor.interface": {},
    "vllm.v1.worker.workspace": {},
}
PLAIN_TRITON_UTILS: dict[str, object] = {
    "HAS_TRITON": True,
    "triton": triton,
    "tl": triton.language,
    "LOG2E": 1.4426950408889634,
    "LOGE2": 0.6931471805599453,
}
"""For a tree whose own ``vllm.triton_utils`` this Triton cannot import."""


class Surroundings(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Find ``vllm`` and what is below it in the tree, or among the stand-ins."""

    def __init__(self, package: Path, *, plain_triton_utils: bool) -> None:
        """Take the tree's ``vllm``, and whether its ``vllm.triton_utils`` is stood in for too."""
        self._package = package
        self._standins = dict(STANDINS)
        if plain_triton_utils:
            self._standins[TRITON_UTILS] = PLAIN_TRITON_UTILS

    def install(self) -> None:
        """Serve all imports of ``vllm`` from now on."""
        sys.meta_path.insert(0, self)

    def find_spec(
        self, name: str, _path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a module of vLLM's."""
        top, *parts = name.split(".")
        if top != PACKAGE:
            return None
        place = self._package.joinpath(*parts)
        if name in self._standins:
            return ModuleSpec(name, self, is_package=place.is_dir())
        if not place.is_dir():
            return importlib.util.spec_from_file_location(name, place.with_suffix(".py"))
        if name in EXECUTED_PACKAGES:
            return importlib.util.spec_from_file_location(name, place / "__init__.py")
        spec = ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = [str(place)]
        return spec

    def exec_module(self, module: ModuleType) -> None:
        """Fill a stand-in: what it is given, and inert names for the rest."""
        names: dict[str, Any] = module.__dict__
        names.update(self._standins[module.__name__])
        names["__getattr__"] = inert_attribute
