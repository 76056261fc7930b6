"""What `vllm.wheelwright_windows` gives on Windows, and that it gives upstream's elsewhere."""

from __future__ import annotations

import errno
import os
import sys
import threading
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from tests.transforms.platforms.windows.runtime_module import runtime_module
from transforms.platforms.windows.windows_runtime import PATCH

if TYPE_CHECKING:
    from pathlib import Path


class Msvcrt(ModuleType):
    """`msvcrt.locking` as Windows documents it: of bytes from the position on, by open file."""

    LK_UNLCK, LK_LOCK, LK_NBLCK = 0, 1, 2

    def __init__(self) -> None:
        super().__init__("msvcrt")
        self.held: dict[tuple[int, int], int] = {}
        self.positions: list[int] = []

    def locking(self, descriptor: int, mode: int, size: int) -> None:
        """Lock or unlock one byte, or fail at once."""
        assert size == 1
        assert mode != self.LK_LOCK, "gives up after ten seconds"
        position = os.lseek(descriptor, 0, os.SEEK_CUR)
        self.positions.append(position)
        byte = (os.fstat(descriptor).st_ino, position)
        holder = self.held.get(byte)
        if mode == self.LK_UNLCK and holder == descriptor:
            del self.held[byte]
        elif mode == self.LK_NBLCK and holder is None:
            self.held[byte] = descriptor
        else:
            # The C runtime's EACCES; also for a lock that this handle itself has.
            raise PermissionError(errno.EACCES, "Permission denied")


@pytest.fixture
def msvcrt(monkeypatch: pytest.MonkeyPatch) -> Msvcrt:
    module = Msvcrt()
    monkeypatch.setitem(sys.modules, "msvcrt", module)
    return module


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return runtime_module(monkeypatch, "win32")


@pytest.fixture
def linux(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return runtime_module(monkeypatch, "linux")


@pytest.fixture
def files(tmp_path: Path) -> tuple[int, int]:
    path = tmp_path / "lock"
    path.write_bytes(b"what it holds")
    flags = os.O_RDWR
    return os.open(path, flags), os.open(path, flags)


def test_the_patch_adds_the_module() -> None:
    assert [getattr(edit, "path", "") for edit in PATCH.edits] == ["vllm/wheelwright_windows.py"]


def test_a_lock_holds_others_off(
    windows: ModuleType, msvcrt: Msvcrt, files: tuple[int, int]
) -> None:
    mine, other = files
    windows.flock(mine, windows.LOCK_EX)
    with pytest.raises(BlockingIOError):
        windows.flock(other, windows.LOCK_EX | windows.LOCK_NB)
    windows.flock(mine, windows.LOCK_UN)
    windows.flock(other, windows.LOCK_EX | windows.LOCK_NB)
    assert list(msvcrt.held.values()) == [other]


def test_who_waits_gets_the_lock_when_it_is_free(
    windows: ModuleType, msvcrt: Msvcrt, files: tuple[int, int]
) -> None:
    mine, other = files
    windows.flock(mine, windows.LOCK_EX)
    waits = threading.Thread(target=windows.flock, args=(other, windows.LOCK_SH))
    waits.start()
    assert list(msvcrt.held.values()) == [mine]
    windows.flock(mine, windows.LOCK_UN)
    waits.join(timeout=10)
    assert list(msvcrt.held.values()) == [other]


def test_a_second_lock_takes_the_place_of_the_first(
    windows: ModuleType, msvcrt: Msvcrt, files: tuple[int, int]
) -> None:
    windows.flock(files[0], windows.LOCK_SH)
    windows.flock(files[0], windows.LOCK_EX)
    assert list(msvcrt.held.values()) == [files[0]]


def test_unlocking_what_is_not_locked_is_no_error(
    windows: ModuleType, msvcrt: Msvcrt, files: tuple[int, int]
) -> None:
    windows.flock(files[0], windows.LOCK_UN)
    assert not msvcrt.held


def test_the_position_stays_and_no_byte_of_the_content_is_locked(
    windows: ModuleType, msvcrt: Msvcrt, files: tuple[int, int]
) -> None:
    os.lseek(files[0], 5, os.SEEK_SET)
    windows.flock(files[0], windows.LOCK_EX)
    assert os.lseek(files[0], 0, os.SEEK_CUR) == 5
    assert set(msvcrt.positions) == {0x4000_0000}


def test_a_file_object_is_locked_too(windows: ModuleType, msvcrt: Msvcrt, tmp_path: Path) -> None:
    with (tmp_path / "lock").open("wb") as file:
        windows.flock(file, windows.LOCK_EX)
        assert list(msvcrt.held.values()) == [file.fileno()]


def test_another_error_is_not_taken_for_a_held_lock(
    windows: ModuleType,
    msvcrt: Msvcrt,
    files: tuple[int, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def locking(*_: int) -> None:
        raise OSError(errno.EBADF, "Bad file descriptor")

    monkeypatch.setattr(msvcrt, "locking", locking)
    with pytest.raises(OSError, match="Bad file descriptor"):
        windows.flock(files[0], windows.LOCK_EX)


def test_the_constants_are_those_of_fcntl(windows: ModuleType) -> None:
    fcntl = pytest.importorskip("fcntl", reason="POSIX only")
    for name in ("LOCK_SH", "LOCK_EX", "LOCK_NB", "LOCK_UN"):
        assert getattr(windows, name) == getattr(fcntl, name)


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


class Zmq(ModuleType):
    """ZeroMQ's poller, of sockets that have as many events as the test says."""

    POLLIN = 1

    def __init__(self, events: list[tuple[object, int]]) -> None:
        super().__init__("zmq")
        self.events = events
        self.registered: list[object] = []
        test = self

        class Poller:
            def register(self, socket: object, _flags: int) -> None:
                test.registered.append(socket)

            def poll(self, _timeout: float) -> list[tuple[object, int]]:
                return test.events

        self.Poller = Poller


def test_linux_gets_zeromqs_own_poller(linux: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    zmq = Zmq([])
    monkeypatch.setitem(sys.modules, "zmq", zmq)
    assert type(linux.poller()) is zmq.Poller


def test_windows_poller_sees_sockets_and_the_ends_of_processes(
    windows: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    zmq = Zmq([])
    monkeypatch.setitem(sys.modules, "zmq", zmq)
    poller, socket = windows.poller(), object()
    poller.register(socket, zmq.POLLIN)
    reads, writes = os.pipe()
    poller.register(reads, zmq.POLLIN)
    assert zmq.registered == [socket]
    assert poller.poll(1) == []
    zmq.events = [(socket, 1)]
    assert poller.poll(1) == [(socket, 1)]
    zmq.events = []
    # As a sentinel does, it becomes ready when the other end goes.
    os.close(writes)
    assert poller.poll(60_000) == [(reads, 1)]
    os.close(reads)


def test_windows_poller_ends_in_time(windows: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    zmq = Zmq([])
    monkeypatch.setitem(sys.modules, "zmq", zmq)
    moments = iter(range(100))
    monkeypatch.setattr(windows, "time", SimpleNamespace(monotonic=lambda: next(moments)))
    assert windows.poller().poll(3000) == []
    assert next(moments) < 12, "it polls for ever"
