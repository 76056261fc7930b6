"""Attention backends that need Triton cannot work on Windows without it."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import pytest

from tests.transforms.platforms.windows.runtime_module import runtime_module


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return runtime_module(monkeypatch, "win32")


@pytest.fixture
def linux(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return runtime_module(monkeypatch, "linux")


@pytest.mark.parametrize("name", ["TRITON_ATTN", "TRITON_MLA", "FLEX_ATTENTION", "TURBOQUANT"])
def test_windows_lacks_triton_where_vllm_finds_none(
    windows: ModuleType, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setitem(sys.modules, "vllm.triton_utils", SimpleNamespace(HAS_TRITON=False))
    assert windows.lacks_triton(name)
    assert not windows.lacks_triton("FLASH_ATTN")
    monkeypatch.setitem(sys.modules, "vllm.triton_utils", SimpleNamespace(HAS_TRITON=True))
    assert not windows.lacks_triton(name)


def test_linux_never_lacks_triton(linux: ModuleType) -> None:
    assert linux.lacks_triton("TRITON_ATTN") == []
