"""Stand-ins for everything a kernel's module imports that is not kernel code."""

# ruff: noqa: D102, D105 - stand-ins say by their names what they stand for

from __future__ import annotations

import importlib.abc
import math
from importlib.machinery import ModuleSpec
from typing import TYPE_CHECKING, ClassVar, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import ModuleType


class Inert:
    """Takes any use a module's top level makes of an import, and does nothing.

    It is false, empty and equal to nothing: host code takes the branch of a missing feature.
    """

    def __init__(self, *_args: object, **_kwargs: object) -> None: ...

    def __call__(self, *_args: object, **_kwargs: object) -> Inert:
        return Inert()

    def __getattr__(self, name: str) -> object:
        if name == "__name__":
            return "Inert"
        if is_dunder(name):
            refuse(name)
        return Inert()

    def __getitem__(self, _key: object) -> Inert:
        return Inert()

    def __mro_entries__(self, _bases: object) -> tuple[type, ...]:
        return ()

    def __iter__(self) -> Iterator[object]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        return False

    def __contains__(self, _item: object) -> bool:
        return False

    def __hash__(self) -> int:
        return 1

    def __eq__(self, _other: object) -> bool:
        return False

    def __lt__(self, _other: object) -> bool:
        return False

    __gt__ = __le__ = __ge__ = __lt__

    def __enter__(self) -> Inert:  # noqa: PYI034 - Self needs Python 3.11
        return self

    def __exit__(self, *_error: object) -> None: ...

    def _absorb(self, *_operands: object) -> Inert:
        return self

    __add__ = __sub__ = __mul__ = __truediv__ = __floordiv__ = __mod__ = __pow__ = _absorb
    __radd__ = __rsub__ = __rmul__ = __rtruediv__ = __rfloordiv__ = _absorb
    __and__ = __or__ = __rand__ = __ror__ = __neg__ = _absorb


def is_dunder(name: str) -> bool:
    """Whether Python itself asks for the name, and must be told the truth."""
    return name.startswith("__")


def refuse(name: str) -> NoReturn:
    """Say that a name does not exist."""
    raise AttributeError(name)


def inert_attribute(name: str) -> object:
    """Serve as the ``__getattr__`` of a module that holds nothing."""
    return refuse(name) if is_dunder(name) else Inert()


HOPPER = 90
"""Compute capability 9.0."""


class HopperPlatform(Inert):
    """``current_platform`` of a machine with the GPU that the kernels are compiled for."""

    def is_cuda(self) -> bool:
        return True

    def is_cuda_alike(self) -> bool:
        return True

    def fp8_dtype(self) -> str:
        return "float8_e4m3fn"

    def get_device_capability(self, *_device: object) -> tuple[int, int]:
        return (9, 0)

    def has_device_capability(self, wanted: int | tuple[int, int], *_device: object) -> bool:
        return _as_number(wanted) <= HOPPER

    def is_device_capability(self, wanted: int | tuple[int, int], *_device: object) -> bool:
        return _as_number(wanted) == HOPPER

    def is_device_capability_family(self, wanted: int, *_device: object) -> bool:
        return wanted == HOPPER


def _as_number(capability: int | tuple[int, int]) -> int:
    if isinstance(capability, int):
        return capability
    return capability[0] * 10 + capability[1]


class FloatLimits:
    """What ``torch.finfo`` says of a type; kernels take the bounds as constants."""

    LARGEST: ClassVar = {
        "float8_e4m3fn": 448.0,
        "float8_e4m3fnuz": 240.0,
        "float8_e5m2": 57344.0,
        "float16": 65504.0,
        "float32": (2 - 2**-23) * 2.0**127,
    }

    def __init__(self, dtype: object) -> None:
        self.max = self.LARGEST.get(str(dtype), math.inf)
        self.min = -self.max


class InertTorch(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Import ``torch`` and all below it as inert modules.

    The real one is 200 MB and asks for a Triton of its own. Kernels take two things from it: the
    limits of its float types, and Triton's ``libdevice`` under another name.
    """

    def __init__(self, libdevice: object) -> None:
        """Take what stands for ``libdevice``."""
        self._given: dict[str, dict[str, object]] = {
            "torch": {"finfo": FloatLimits, **{name: name for name in FloatLimits.LARGEST}},
            "torch._inductor.runtime.triton_helpers": {"libdevice": libdevice},
        }

    def find_spec(
        self, name: str, _path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find any module of torch's, whether it has one of that name or not."""
        if name.partition(".")[0] != "torch":
            return None
        return ModuleSpec(name, self, is_package=True)

    def exec_module(self, module: ModuleType) -> None:
        """Give a module what it has for kernels, and inert names for the rest."""
        module.__dict__.update(self._given.get(module.__name__, {}))
        module.__dict__["__getattr__"] = inert_attribute
