"""Groups of processes end, on POSIX and on Windows."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from types import ModuleType

import pytest

from tests.transforms.platforms.windows.runtime_module import runtime_module
from transforms.platforms.windows.runtime.vllm import wheelwright_windows as ours

_SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the package believe that it is on Windows, where `os` has nothing for groups."""
    runtime_module(monkeypatch, "win32")
    monkeypatch.setattr(ours.processes, "os", ModuleType("os"))


class Tree:
    """Plays psutil: process 1 has a child 2, which has a child 3, which is gone."""

    class NoSuchProcess(Exception):  # noqa: N818 - psutil calls it so
        """There is none."""

    def __init__(self) -> None:
        self.killed: list[int] = []

    def Process(self, pid: int) -> Process:  # noqa: N802 - psutil calls it so
        """Give one of the processes."""
        if pid not in {1, 2, 3}:
            raise self.NoSuchProcess
        return Process(self, pid)


class Process:
    """One of them."""

    def __init__(self, tree: Tree, pid: int) -> None:
        self._tree = tree
        self._pid = pid

    def children(self, *, recursive: bool) -> list[Process]:
        """Give those that it has started, and those that they have."""
        assert recursive
        return [Process(self._tree, pid) for pid in (2, 3) if pid > self._pid]

    def kill(self) -> None:
        """End it."""
        if self._pid == 3:
            raise self._tree.NoSuchProcess
        self._tree.killed.append(self._pid)


def test_posix_has_its_own_groups() -> None:
    with subprocess.Popen(_SLEEPER, start_new_session=True) as process:
        assert ours.getpgid(process.pid) == os.getpgid(process.pid) == process.pid
        assert ours.getpgid(0) == os.getpgrp() != process.pid
        ours.killpg(process.pid, signal.SIGTERM)
        assert process.wait(30) == -signal.SIGTERM
    with pytest.raises(ProcessLookupError):
        ours.killpg(process.pid, signal.SIGTERM)


@pytest.mark.usefixtures("windows")
def test_on_windows_a_process_ends_with_all_that_it_has_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tree = Tree()
    monkeypatch.setitem(sys.modules, "psutil", tree)
    ours.killpg(ours.getpgid(1), signal.SIGTERM)
    assert tree.killed == [2, 1]
    with pytest.raises(ProcessLookupError, match="no process 9"):
        ours.killpg(ours.getpgid(9), signal.SIGTERM)
