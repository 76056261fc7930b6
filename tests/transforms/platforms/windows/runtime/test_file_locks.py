"""Locks of files are those of `fcntl.flock`, by what Windows has."""

from __future__ import annotations

import errno
import os
import sys
import threading
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from transforms.platforms.windows.runtime.vllm import wheelwright_windows as windows

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
def files(tmp_path: Path) -> tuple[int, int]:
    path = tmp_path / "lock"
    path.write_bytes(b"what it holds")
    flags = os.O_RDWR
    return os.open(path, flags), os.open(path, flags)


def test_a_lock_holds_others_off(msvcrt: Msvcrt, files: tuple[int, int]) -> None:
    mine, other = files
    windows.flock(mine, windows.LOCK_EX)
    with pytest.raises(BlockingIOError):
        windows.flock(other, windows.LOCK_EX | windows.LOCK_NB)
    windows.flock(mine, windows.LOCK_UN)
    windows.flock(other, windows.LOCK_EX | windows.LOCK_NB)
    assert list(msvcrt.held.values()) == [other]


def test_who_waits_gets_the_lock_when_it_is_free(msvcrt: Msvcrt, files: tuple[int, int]) -> None:
    mine, other = files
    windows.flock(mine, windows.LOCK_EX)
    waits = threading.Thread(target=windows.flock, args=(other, windows.LOCK_SH))
    waits.start()
    assert list(msvcrt.held.values()) == [mine]
    windows.flock(mine, windows.LOCK_UN)
    waits.join(timeout=10)
    assert list(msvcrt.held.values()) == [other]


def test_a_second_lock_takes_the_place_of_the_first(msvcrt: Msvcrt, files: tuple[int, int]) -> None:
    windows.flock(files[0], windows.LOCK_SH)
    windows.flock(files[0], windows.LOCK_EX)
    assert list(msvcrt.held.values()) == [files[0]]


def test_unlocking_what_is_not_locked_is_no_error(msvcrt: Msvcrt, files: tuple[int, int]) -> None:
    windows.flock(files[0], windows.LOCK_UN)
    assert not msvcrt.held


def test_the_position_stays_and_no_byte_of_the_content_is_locked(
    msvcrt: Msvcrt, files: tuple[int, int]
) -> None:
    os.lseek(files[0], 5, os.SEEK_SET)
    windows.flock(files[0], windows.LOCK_EX)
    assert os.lseek(files[0], 0, os.SEEK_CUR) == 5
    assert set(msvcrt.positions) == {0x4000_0000}


def test_a_file_object_is_locked_too(msvcrt: Msvcrt, tmp_path: Path) -> None:
    with (tmp_path / "lock").open("wb") as file:
        windows.flock(file, windows.LOCK_EX)
        assert list(msvcrt.held.values()) == [file.fileno()]


def test_another_error_is_not_taken_for_a_held_lock(
    msvcrt: Msvcrt,
    files: tuple[int, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def locking(*_: int) -> None:
        raise OSError(errno.EBADF, "Bad file descriptor")

    monkeypatch.setattr(msvcrt, "locking", locking)
    with pytest.raises(OSError, match="Bad file descriptor"):
        windows.flock(files[0], windows.LOCK_EX)


def test_the_constants_are_those_of_fcntl() -> None:
    fcntl = pytest.importorskip("fcntl", reason="POSIX only")
    for name in ("LOCK_SH", "LOCK_EX", "LOCK_NB", "LOCK_UN"):
        assert getattr(windows, name) == getattr(fcntl, name)
