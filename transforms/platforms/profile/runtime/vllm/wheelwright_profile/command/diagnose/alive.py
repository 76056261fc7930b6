# SPDX-License-Identifier: Apache-2.0
"""Whether a process that recorded still runs, and when it last wrote."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING

from ..figures import NS_IN_S

if TYPE_CHECKING:
    from ..session import Process

_PROC = Path("/proc")
# The kernel says when it started in whole seconds.
_SLACK = 2.0


def state(process: Process, proc: Path = _PROC) -> str:
    """Say `runs`, `ended`, or why that cannot be told from here.

    A process id is given again: it is the same process only if it began before its row was written.

    Args:
        process: one that recorded.
        proc: where the kernel shows its processes.
    """
    if process.host != socket.gethostname():
        return f"on {process.host}" if process.host else "did not say who it is"
    if not (proc / "stat").exists():
        return "cannot be told without /proc"
    try:
        line = (proc / str(process.pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return "ended"
    except OSError as error:
        return f"cannot be told: {error.strerror}"
    # The name stands in parentheses, and may have any character in it.
    fields = line[line.rindex(")") + 2 :].split()
    began = _booted(proc) + int(fields[19]) / os.sysconf("SC_CLK_TCK")
    same = began <= process.began_ns / NS_IN_S + _SLACK
    return "runs" if same and fields[0] not in "ZX" else "ended"


def silent_seconds(process: Process) -> float:
    """Give how long ago a process wrote its last row."""
    return max(time.time() - process.stream.stat().st_mtime, 0.0)


def _booted(proc: Path) -> float:
    """Give when the kernel began, in seconds since 1970."""
    for line in (proc / "stat").read_text(encoding="ascii", errors="replace").splitlines():
        name, _, value = line.partition(" ")
        if name == "btime":
            return float(value)
    raise ValueError(f"{proc / 'stat'} has no btime")
