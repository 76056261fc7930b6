"""A progress bar for downloads: on a terminal only, and only on standard error.

Front ends capture the output of a build, where a bar would be thousands of lines of noise.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from typing import TextIO

_WIDTH = 30
_INTERVAL = 0.1
_MEGA = 1_000_000


@dataclass(slots=True)
class Progress:
    """One line that is drawn again and again while a file comes in.

    Args:
        name: the file.
        total: its size in bytes, if it is known.
        stream: where to draw; standard error when not given.
    """

    name: str
    total: int | None
    stream: TextIO = field(default_factory=lambda: sys.stderr)
    _drawn_at: float = field(default=float("-inf"), init=False)
    _drawn: bool = field(default=False, init=False)

    def update(self, done: int) -> None:
        """Draw the line if it is time to.

        Args:
            done: bytes that are here.
        """
        now = time.monotonic()
        if not self.stream.isatty() or now - self._drawn_at < _INTERVAL:
            return
        self._drawn_at, self._drawn = now, True
        self.stream.write(f"\r{self.line(done)}\x1b[K")
        self.stream.flush()

    def note(self, text: str) -> None:
        """Say something on a line of its own, on a terminal.

        Args:
            text: one line.
        """
        if self.stream.isatty():
            self.stream.write(f"\r{text}\x1b[K\n")
            self.stream.flush()

    def close(self) -> None:
        """Wipe the line."""
        if self._drawn:
            self.stream.write("\r\x1b[K")
            self.stream.flush()
            self._drawn = False

    def line(self, done: int) -> str:
        """Give the line as it is drawn.

        Args:
            done: bytes that are here.
        """
        if self.total is None:
            return f"{self.name}  {done / _MEGA:.1f} MB"
        filled = min(_WIDTH, _WIDTH * done // max(self.total, 1))
        bar = "#" * filled + "." * (_WIDTH - filled)
        return f"{self.name}  [{bar}]  {done / _MEGA:.1f}/{self.total / _MEGA:.1f} MB"
