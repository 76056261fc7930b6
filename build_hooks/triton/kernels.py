"""The kernels of a release, and what is known of the modules that they import."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from build_hooks.triton.runner.census import take_census

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from build_hooks.triton.runner.census import JitFunction


def kernel_modules() -> Mapping[str, Any]:
    """Say what stands for the modules that kernels import; the patches' side knows them."""
    found = importlib.import_module("transforms.dialects.kernel_modules")
    modules: Mapping[str, Any] = found.KERNEL_MODULES
    return modules


def kernels_of(package: Path) -> list[JitFunction]:
    """List the functions of an unpacked package that Triton compiles, in the order of its files."""
    return take_census(package, frozenset(kernel_modules()["triton"]))
