"""What the processes of test_workers.py run."""

from __future__ import annotations

import gc
import os
import signal
import time
from pathlib import Path


def squared(number: int) -> int:
    """Give a number's square."""
    return number * number


def lethal(number: int) -> int:
    """Die where the number is 3, as the kernel's out-of-memory killer does it."""
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def hears_interrupt(_: int) -> bool:
    """Tell whether Ctrl-C would reach this process."""
    return signal.getsignal(signal.SIGINT) is not signal.SIG_IGN


class Knot:
    """Something that only the collector can take away."""

    tied = 0

    def __init__(self) -> None:
        self.knot = self
        Knot.tied += 1

    def __del__(self) -> None:
        """Count it out."""
        Knot.tied -= 1


def tie(_: int) -> int:
    """Leave a knot where the collector does not look, and say how many earlier ones are left."""
    left = Knot.tied
    Knot()
    gc.freeze()
    return left


def hang(folder: str) -> None:
    """Say that this process is at work, and never end."""
    Path(folder, str(os.getpid())).touch()
    while True:
        time.sleep(1)
