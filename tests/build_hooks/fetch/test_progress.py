"""The progress bar: on a terminal it is drawn and wiped, elsewhere nothing is written."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress

import pytest

from build_hooks.fetch.progress import Progress


def test_writes_nothing_where_nobody_looks() -> None:
    stream = io.StringIO()
    progress = Progress("file", 100, stream)
    progress.update(50)
    progress.note("waiting")
    progress.close()
    assert stream.getvalue() == ""


def everything_on(terminal: int) -> str:
    """Read until the other side is closed, which Linux reports as an error and others as an end."""
    shown = b""
    with os.fdopen(terminal, "rb", buffering=0) as file, suppress(OSError):
        while data := file.read(1000):
            shown += data
    return shown.decode()


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX's")
def test_draws_one_line_on_a_terminal_and_wipes_it() -> None:
    leader, follower = os.openpty()
    with os.fdopen(follower, "w") as stream:
        progress = Progress("vllm.whl", 2_000_000, stream)
        progress.update(1_000_000)
        progress.update(1_000_001)
        progress.close()
        progress.close()
    shown = everything_on(leader)
    assert shown.count("1.0/2.0 MB") == 1
    assert "\n" not in shown
    assert shown.endswith("\r\x1b[K")


@pytest.mark.parametrize(
    ("total", "done", "line"),
    [
        (2_000_000, 0, f"f  [{'.' * 30}]  0.0/2.0 MB"),
        (2_000_000, 1_000_000, f"f  [{'#' * 15}{'.' * 15}]  1.0/2.0 MB"),
        (2_000_000, 9_000_000, f"f  [{'#' * 30}]  9.0/2.0 MB"),
        (0, 0, f"f  [{'.' * 30}]  0.0/0.0 MB"),
        (None, 1_500_000, "f  1.5 MB"),
    ],
)
def test_says_how_far_it_is(total: int | None, done: int, line: str) -> None:
    assert Progress("f", total).line(done) == line
