"""Write down, in a file for each process, which of the patches were called."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path


def record(what: str) -> None:
    """Write a line into this process's file.

    Args:
        what: the patch, and what it has to say.
    """
    folder = os.environ.get("WHEELWRIGHT_EXAMPLE_CALLS")
    if folder:
        process = multiprocessing.current_process().name
        with Path(folder, f"{process}.{os.getpid()}").open("a", encoding="utf-8") as file:
            file.write(f"{what}\n")
