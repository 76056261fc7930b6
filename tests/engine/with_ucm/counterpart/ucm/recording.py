"""Write down a call: when, in which process, by what name, and what of it a test compares.

The file is named by `UCM_STAND_IN_CALLS`. All processes append to it, a line each, so their order
is that of one clock: the system's monotonic one.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import time
from pathlib import Path

VARIABLE = "UCM_STAND_IN_CALLS"


def record(name: str, **said: object) -> None:
    """Write one call down.

    Args:
        name: what was called.
        said: what it was given; as JSON has it.
    """
    line = {
        "at": time.monotonic_ns(),
        "pid": os.getpid(),
        "process": multiprocessing.current_process().name,
        "name": name,
        **said,
    }
    # One write of one line: lines of processes do not mix.
    with Path(os.environ[VARIABLE]).open("ab", buffering=0) as file:
        file.write(json.dumps(line).encode() + b"\n")
