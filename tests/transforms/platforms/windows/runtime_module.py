"""`vllm.wheelwright_windows` for tests: loaded from its file, told which system it is on."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

_FILE = Path("transforms/platforms/windows/runtime/vllm/wheelwright_windows.py")


def runtime_module(patch: pytest.MonkeyPatch, system: str) -> ModuleType:
    """Load the module, and let `from vllm import wheelwright_windows` give it.

    Args:
        patch: undoes it after the test.
        system: what `sys.platform` is for it, as "win32".
    """
    spec = importlib.util.spec_from_file_location("vllm.wheelwright_windows", _FILE.resolve())
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    patch.setattr(module, "sys", SimpleNamespace(platform=system))
    vllm = ModuleType("vllm")
    patch.setattr(vllm, "wheelwright_windows", module, raising=False)
    patch.setitem(sys.modules, "vllm", vllm)
    return module
