"""What the observations share: the tree, the system, how vLLM is loaded, the list of them all."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import TypeVar

TREE, SYSTEM, RESULT = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])

OBSERVATIONS: dict[str, list[Callable[[], object]]] = {"cpu": [], "cuda": [], "cuda, again": []}
_Function = TypeVar("_Function", bound=Callable[[], object])


def observation(platform: str) -> Callable[[_Function], _Function]:
    """Keep a function that returns what can be written as JSON.

    Args:
        platform: what vLLM takes the machine for, and the process that it is in. "cpu" for what
            imports models' layers: those for CUDA need the compiled extensions.
    """

    def keep(function: _Function) -> _Function:
        OBSERVATIONS[platform].append(function)
        return function

    return keep


def load(name: str) -> ModuleType:
    """Import one of vLLM's modules: only now, because it must not be there before the pretence."""
    return importlib.import_module(f"vllm.{name}")


def is_there(name: str) -> bool:
    """Whether the release has one of vLLM's modules."""
    return Path(TREE, "vllm", f"{name.replace('.', '/')}.py").is_file()


def choose(platform: str) -> None:
    """Tell vLLM its platform: a build for no device has none."""
    platforms = load("platforms")
    assert Path(str(platforms.__file__)).is_relative_to(TREE), "vLLM comes from elsewhere"
    cpu = load("platforms.cpu").CpuPlatform
    vars(platforms)["_current_platform"] = cpu() if platform == "cpu" else card()


def card() -> SimpleNamespace:
    """Give vLLM's platform for an RTX 3090 (sm_86), on a machine without a GPU."""
    # The compiled modules of a build for CUDA: nothing here calls anything of them.
    for name in ("vllm._C", "vllm._C_stable_libtorch"):
        sys.modules[name] = ModuleType(name)
    base = load("platforms.cuda").NonNvmlCudaPlatform
    capability = load("platforms.interface").DeviceCapability(8, 6)
    answers = {
        "get_device_capability": capability,
        "get_device_total_memory": 24 << 30,
        "get_device_name": "NVIDIA GeForce RTX 3090",
    }
    methods = {
        name: classmethod(lambda *_, _answer=answer, **__: _answer)
        for name, answer in answers.items()
    }
    made: SimpleNamespace = type("Card", (base,), methods)()
    return made
