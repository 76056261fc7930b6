"""The operating system's groups of processes, and their ends."""

from __future__ import annotations

import contextlib
import errno
import os
import sys


def getpgid(pid: int) -> int:
    """Give the process group of a process, as `os.getpgid` does; on Windows each is its own."""
    return pid if sys.platform == "win32" else os.getpgid(pid)


def killpg(pgid: int, signum: int) -> None:
    """Send a signal to a process group, as `os.killpg` does.

    On Windows the process ends, and with it all that it has started.

    Raises:
        ProcessLookupError: there is no such process.
    """
    if sys.platform != "win32":
        os.killpg(pgid, signum)
        return
    import psutil

    try:
        leader = psutil.Process(pgid)
        group = [*leader.children(recursive=True), leader]
    except psutil.NoSuchProcess:
        raise ProcessLookupError(errno.ESRCH, f"no process {pgid}") from None
    for process in group:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
