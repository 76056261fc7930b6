"""What stands for the modules that a kernel's module imports, as the runner's input says it."""

# ruff: noqa: ANN401 - what a name stands for is an object of whichever Triton runs this

from __future__ import annotations

import importlib
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from build_hooks.triton.runner.inert import HopperPlatform, Inert

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LIBDEVICE = "triton.language.extra.libdevice"


@dataclass(frozen=True)
class KernelModules:
    """The modules of the package that kernels import and that are no kernels."""

    package: str
    handing_on: frozenset[str]
    """Modules from which kernels take Triton itself."""
    stand_ins: Mapping[str, Mapping[str, tuple[str, Any]]]
    """For each module that is not run, what its names stand for: a kind and a value."""
    constants: frozenset[str]
    """Modules without kernels whose values kernels take as constants."""
    strict: frozenset[str]
    """Modules of which every statement must run."""

    @classmethod
    def decode(cls, row: Mapping[str, Any]) -> KernelModules:
        """Read what the input says."""
        return cls(
            package=row["package"],
            handing_on=frozenset(row["triton"]),
            stand_ins=row["stand_ins"],
            constants=frozenset(row["constants"]),
            strict=frozenset(row["strict"]),
        )

    def names(self, module: str) -> dict[str, object]:
        """Give the names of a module that is not run."""
        return {name: _made(kind, value) for name, (kind, value) in self.stand_ins[module].items()}


def _made(kind: str, value: Any) -> object:
    makers: dict[str, Callable[[Any], object]] = {
        "triton": from_triton,
        "value": lambda constant: constant,
        "gives": lambda answer: lambda *_args, **_kwargs: answer,
        "hopper": lambda _: HopperPlatform(),
    }
    return makers[kind](value)


def from_triton(name: str) -> object:
    """Give what this Triton has under a dotted name: a module or an attribute of one."""
    with suppress(ImportError):
        return importlib.import_module(name)
    module, _, attribute = name.rpartition(".")
    try:
        return getattr(importlib.import_module(module), attribute, Inert()) if module else Inert()
    except ImportError:
        return Inert()
