"""Modules that no machine here has, so that the plugin's own modules can be imported.

`torch_npu` and `torch.npu`, Triton's extension for CANN, and torchvision (which has no build beside
the torch of the tests) are modules with any attribute; what the plugin's build writes,
`vllm_ascend._build_info`, says that the device is an A2. Everything else of the plugin is as it is
published.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from types import ModuleType

import torch

STUBS = ("torch_npu", "torchvision", "triton.language.extra.cann")
_BUILD_INFO = "vllm_ascend._build_info"


class Stub:
    """Anything that a stub module has: its attributes and results are such things, too."""

    def __init__(self, name: str) -> None:
        """Take its dotted name."""
        self.stub_name = name

    def __getattr__(self, name: str) -> Stub:
        """Give an attribute, unless Python asks for one of its own."""
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Stub(f"{self.stub_name}.{name}")

    def __call__(self, *args: object, **_: object) -> object:
        """Give what is decorated as it is."""
        if len(args) == 1 and hasattr(args[0], "__code__"):
            return args[0]
        return Stub(f"{self.stub_name}()")

    def __or__(self, _: object) -> Stub:
        """Be part of a union of types."""
        return self

    __ror__ = __or__

    def __mro_entries__(self, _: tuple[object, ...]) -> tuple[type, ...]:
        """Be nothing in the bases of a class."""
        return ()


class _StubModule(ModuleType):
    def __getattr__(self, name: str) -> Stub:
        if name.startswith("__"):
            raise AttributeError(name)
        return Stub(f"{self.__name__}.{name}")


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(
        self, fullname: str, path: object = None, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Give a stub for the modules above and what is below them."""
        del path, target
        if any(fullname == name or fullname.startswith(f"{name}.") for name in STUBS):
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        if fullname == _BUILD_INFO:
            return importlib.machinery.ModuleSpec(fullname, self)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """Make the module."""
        return (ModuleType if spec.name == _BUILD_INFO else _StubModule)(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Fill it."""
        if module.__name__ == _BUILD_INFO:
            vars(module)["__device_type__"] = "A2"
        elif module.__name__ == "torchvision":
            vars(module)["__version__"] = "0.28.0"  # transformers asks


def install() -> None:
    """Let every import from here on find the stubs."""
    sys.meta_path.insert(0, _Finder())
    torch.npu = _StubModule("torch.npu")
    sys.modules["torch.npu"] = torch.npu
