"""A platform for the excerpts, which ask for it where they run."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Let `from vllm.platforms import current_platform` give one of some device type."""
    package, platforms = ModuleType("vllm"), ModuleType("vllm.platforms")
    monkeypatch.setitem(sys.modules, package.__name__, package)
    monkeypatch.setitem(sys.modules, platforms.__name__, platforms)

    def chosen(device_type: str) -> None:
        vars(platforms)["current_platform"] = SimpleNamespace(device_type=device_type)

    chosen("npu")
    return chosen
