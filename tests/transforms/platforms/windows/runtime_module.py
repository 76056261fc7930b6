"""`vllm.wheelwright_windows` for tests, told which system it is on."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

from transforms.platforms.windows.runtime.vllm import wheelwright_windows

if TYPE_CHECKING:
    import pytest


def runtime_module(patch: pytest.MonkeyPatch, system: str) -> ModuleType:
    """Tell the package its system, and let `from vllm import wheelwright_windows` give it.

    Args:
        patch: undoes it after the test.
        system: what `sys.platform` is for its modules, as "win32".
    """
    sys_of_system = ModuleType("sys")
    vars(sys_of_system).update(vars(sys), platform=system)
    for module in vars(wheelwright_windows).values():
        if isinstance(module, ModuleType) and hasattr(module, "sys"):
            patch.setattr(module, "sys", sys_of_system)
    vllm = ModuleType("vllm")
    patch.setattr(vllm, "wheelwright_windows", wheelwright_windows, raising=False)
    patch.setitem(sys.modules, "vllm", vllm)
    return wheelwright_windows
