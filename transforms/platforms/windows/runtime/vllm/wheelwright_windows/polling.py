"""Wait for sockets of ZeroMQ and for the ends of processes at the same time."""

from __future__ import annotations

import math
import sys
import time
from multiprocessing import connection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import zmq

_POLL_MS = 100


def poller() -> zmq.Poller | Poller:
    """Make a poller that takes sentinels of processes beside sockets.

    On Windows a sentinel is a handle, which `select` refuses ("not a socket").
    """
    import zmq

    return zmq.Poller() if sys.platform != "win32" else Poller()


class Poller:
    """Look at sockets for a moment, then whether a process has ended, and again."""

    def __init__(self) -> None:
        import zmq

        self._sockets = zmq.Poller()
        self._ended = zmq.POLLIN
        self._handles: list[int] = []

    def register(self, socket: int | zmq.Socket[bytes], flags: int) -> None:
        """Take a socket, or the sentinel of a process, as `zmq.Poller.register` does."""
        if isinstance(socket, int):
            self._handles.append(socket)
        else:
            self._sockets.register(socket, flags)

    def poll(self, timeout: float | None = None) -> list[tuple[object, int]]:
        """Wait for an event, as `zmq.Poller.poll` does.

        Args:
            timeout: milliseconds; None or a negative one waits for ever.
        """
        ends = math.inf if timeout is None or timeout < 0 else time.monotonic() + timeout / 1000
        while True:
            left = min(_POLL_MS, (ends - time.monotonic()) * 1000)
            events: list[tuple[object, int]] = list(self._sockets.poll(max(0, int(left))))
            events += [
                (handle, self._ended) for handle in connection.wait(self._handles, timeout=0)
            ]
            if events or time.monotonic() >= ends:
                return events
