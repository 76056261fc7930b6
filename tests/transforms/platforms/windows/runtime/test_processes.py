"""Process groups, addresses and missing modules of the runtime module, on POSIX and on Windows."""

from __future__ import annotations

import inspect
import os
import signal
import subprocess
import sys
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.platforms.windows.runtime.vllm import wheelwright_windows as ours

_SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the module alone believe that it is on Windows."""
    sys_of_windows = ModuleType("sys")
    vars(sys_of_windows).update(vars(sys))
    vars(sys_of_windows)["platform"] = "win32"
    monkeypatch.setattr(ours, "sys", sys_of_windows)
    monkeypatch.setattr(ours, "os", ModuleType("os"))


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


def test_posix_keeps_an_address_as_it_is() -> None:
    assert ours.ipc_address("ipc:///tmp/x") == "ipc:///tmp/x"


@pytest.mark.usefixtures("windows")
def test_two_that_put_together_the_same_text_meet_on_one_port() -> None:
    one, two = (ours.ipc_address(f"ipc:///tmp/lookup_{rank}") for rank in (0, 1))
    assert one == ours.ipc_address("ipc:///tmp/lookup_0") != two
    code = (
        "import sys\n"
        "from transforms.platforms.windows.runtime.vllm import wheelwright_windows as ours\n"
        "ours.sys = type('sys', (), {'platform': 'win32'})\n"
        "print(ours.ipc_address('ipc:///tmp/lookup_0'))\n"
    )
    other = {**os.environ, "PYTHONHASHSEED": "7"}
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=other
    )
    assert run.stdout.strip() == one


@given(st.text())
def test_every_port_is_one_that_windows_gives_to_nobody_else(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ours, "sys", type("sys", (), {"platform": "win32"}))
        host, _, port = ours.ipc_address(f"ipc://{text}").rpartition(":")
    assert host == "tcp://127.0.0.1"
    assert 1024 <= int(port) < 49152


def test_what_is_missing_says_so_when_it_is_used() -> None:
    pwd, getgrgid = ours.missing("pwd"), ours.missing("grp.getgrgid")
    with pytest.raises(ModuleNotFoundError, match=f"pwd is not available on {sys.platform}"):
        pwd.getpwuid(0)
    with pytest.raises(ModuleNotFoundError, match=r"grp\.getgrgid is not available") as caught:
        getgrgid(0)
    assert caught.value.name == "grp"


def test_looking_at_what_is_missing_does_no_harm() -> None:
    """As `inspect`, `pickle` and the debuggers of torch look at all names of a module."""
    pwd = ours.missing("pwd")
    assert not hasattr(pwd, "__wrapped__")
    assert inspect.unwrap(pwd) is pwd
    assert not inspect.isroutine(pwd)
    assert "missing" in repr(pwd)
