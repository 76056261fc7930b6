"""PyTorch's process groups get what works on Windows, and elsewhere what upstream chooses."""

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


def test_linux_keeps_its_backends_and_stores(linux: ModuleType) -> None:
    assert linux.cpu_backend() == "gloo"
    assert linux.world_backend("nccl", 8) == "nccl"
    assert linux.world_store(8) is None


def test_windows_takes_the_fake_backend_and_a_file(
    windows: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[tuple[str, int]] = []
    distributed = SimpleNamespace(FileStore=lambda *words: made.append(words))
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(distributed=distributed))
    for name in ("distributed", "testing", "testing._internal", "testing._internal.distributed"):
        monkeypatch.setitem(sys.modules, f"torch.{name}", ModuleType(name))
    registers = ModuleType("fake_pg")
    monkeypatch.setitem(sys.modules, "torch.testing._internal.distributed.fake_pg", registers)
    assert windows.cpu_backend() == "fake"
    assert windows.world_backend("nccl", 1) == "fake"
    windows.world_store(1)
    assert [ranks for _, ranks in made] == [1]


@pytest.mark.parametrize(("world_size", "variable"), [(2, "1"), (-1, "4")])
def test_windows_refuses_more_than_one_rank(
    windows: ModuleType, monkeypatch: pytest.MonkeyPatch, world_size: int, variable: str
) -> None:
    monkeypatch.setenv("WORLD_SIZE", variable)
    with pytest.raises(RuntimeError, match="ranks are not possible on Windows"):
        windows.world_backend("nccl", world_size)
