"""Locks of files, as `fcntl` has them."""

from __future__ import annotations

import errno
import importlib
import os
import time
from typing import Protocol

# As <sys/file.h> of Linux has them.
LOCK_SH = 1
LOCK_EX = 2
LOCK_NB = 4
LOCK_UN = 8

# Locks of Windows are of bytes, and stop others from reading and writing these. This byte lies behind
# what a lock file holds, and before 2 GiB, where the C runtime's `_locking` stops.
_LOCKED_BYTE = 0x4000_0000
_SECONDS_BETWEEN_ATTEMPTS = 0.01
_HELD_BY_OTHERS = (errno.EACCES, errno.EDEADLK)


class _File(Protocol):
    def fileno(self) -> int: ...


def flock(file: int | _File, operation: int) -> None:
    """Lock or unlock a file as `fcntl.flock` does, with `msvcrt.locking`.

    A shared lock is exclusive here: Windows' C runtime has no other. As with `flock`, a second lock
    through the same descriptor takes the place of the first, and closing the file unlocks it.

    Args:
        file: a descriptor, or an object that has one.
        operation: LOCK_SH, LOCK_EX (either with LOCK_NB) or LOCK_UN.

    Raises:
        BlockingIOError: LOCK_NB was given and another one holds the lock.
        OSError: the file cannot be locked.
    """
    descriptor = file if isinstance(file, int) else file.fileno()
    _at_locked_byte(descriptor, "LK_UNLCK")
    if operation & LOCK_UN:
        return
    while not _at_locked_byte(descriptor, "LK_NBLCK"):
        if operation & LOCK_NB:
            raise BlockingIOError(errno.EWOULDBLOCK, "another process holds the lock")
        # LK_LOCK would try ten times, a second apart, and then fail.
        time.sleep(_SECONDS_BETWEEN_ATTEMPTS)


def _at_locked_byte(descriptor: int, mode: str) -> bool:
    """Lock or unlock the byte; False where another one holds it (unlocking: where this one does not)."""
    msvcrt = importlib.import_module("msvcrt")
    position = os.lseek(descriptor, 0, os.SEEK_CUR)
    os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
    try:
        msvcrt.locking(descriptor, getattr(msvcrt, mode), 1)
    except OSError as error:
        if error.errno in _HELD_BY_OTHERS:
            return False
        raise
    finally:
        os.lseek(descriptor, position, os.SEEK_SET)
    return True
