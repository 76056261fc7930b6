"""A lock among writers of object storage, of which only "create if it is not there" is asked.

The lock is a row of objects, `lock/00000001.json`, `lock/00000002.json`, ...; the last one counts.
It says who holds it, or that it is free. Taking the lock is creating the next one, which succeeds
for one writer alone. A holder writes its object again every few seconds. Whoever waits and sees an
object unchanged for `PATIENCE` takes over by creating the next: no clocks are compared, and a
writer that was only slow learns from the later object that it holds the lock no longer.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import socket
import time
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

PATIENCE = 60.0
"""Seconds after which a lock that its holder does not renew is taken over."""
_RENEW = PATIENCE / 6
_PAUSE = 0.5
_NUMBERED = re.compile(r"(\d{8})\.json")


class ClaimLostError(Exception):
    """Another writer took over, since this one did nothing for too long."""


class Objects(Protocol):
    """What a lease needs of storage; see `build_hooks.index.store.Store`."""

    def names(self, prefix: str = "") -> dict[str, int]:
        """Give the names below a prefix."""

    def read(self, names: Iterable[str]) -> dict[str, bytes]:
        """Give the bytes of those that are there."""

    def write(self, name: str, data: bytes) -> None:
        """Write one."""

    def create(self, name: str, data: bytes) -> bool:
        """Write one that is not there; False where it is."""

    def delete(self, name: str) -> None:
        """Remove one, if it is there."""


class Lease:
    """One writer's hold of the lock.

    Args:
        objects: the storage.
        folder: where the lock lies in it, with a slash at its end.
        patience: seconds after which a holder that does nothing counts as dead.
        clock: a clock that never goes back, in seconds.
        sleep: waits for some seconds.
    """

    def __init__(
        self,
        objects: Objects,
        folder: str,
        *,
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._objects = objects
        self._folder = folder
        self._patience = patience
        self._clock = clock
        self._sleep = sleep
        self._token = secrets.token_hex(8)
        self._number = 0
        self._beat = 0
        self._renewed = 0.0

    def take(self, on_wait: Callable[[str], None]) -> None:
        """Wait until the lock is ours.

        Args:
            on_wait: called once with who holds it, where somebody does.
        """
        watched: tuple[int, bytes | None] = (0, None)
        since = self._clock()
        waited = False
        while True:
            last = max(self._numbers(), default=0)
            state = self._objects.read([self._name(last)]).get(self._name(last)) if last else None
            if (last, state) != watched:
                watched, since = (last, state), self._clock()
            holder = _holder(state) if last else None
            patience_ends = self._clock() - since >= self._patience
            if (holder is None or patience_ends) and self._try(last + 1):
                return
            if holder is not None:
                if not waited:
                    on_wait(f"{holder} holds its lock")
                waited = True
                self._sleep(_PAUSE)

    def keep(self) -> None:
        """Show that this writer lives, now and then.

        Raises:
            ClaimLostError: somebody took over.
        """
        if not self._is_mine():
            raise ClaimLostError
        if self._clock() - self._renewed >= min(_RENEW, self._patience / 6):
            self._beat += 1
            self._write(free=False)

    def give_back(self) -> None:
        """Let the next writer in."""
        if self._is_mine():
            self._write(free=True)

    def _is_mine(self) -> bool:
        """Tell whether the last object is ours.

        Storage that ignores the condition of `create` lets two writers in: then the last one has
        written over the other's object.
        """
        name = self._name(self._number)
        last = max(self._numbers(), default=0)
        return last == self._number and self._token in str(self._objects.read([name]).get(name))

    def _try(self, number: int) -> bool:
        """Take the lock with a number, unless somebody was faster."""
        self._number, self._renewed = number, self._clock()
        if not self._objects.create(self._name(number), self._state(free=False)):
            return False
        if not self._is_mine():
            # Later ones are there: this number had been used, and was removed.
            if max(self._numbers(), default=0) > number:
                self._objects.delete(self._name(number))
            return False
        for older in self._numbers():
            if older < number:
                self._objects.delete(self._name(older))
        return True

    def _write(self, *, free: bool) -> None:
        self._renewed = self._clock()
        self._objects.write(self._name(self._number), self._state(free=free))

    def _state(self, *, free: bool) -> bytes:
        holder = None if free else f"process {os.getpid()} on {socket.gethostname()}"
        return json.dumps({"holder": holder, "token": self._token, "beat": self._beat}).encode()

    def _numbers(self) -> set[int]:
        found = map(_NUMBERED.fullmatch, (n.rpartition("/")[2] for n in self._names()))
        return {int(match[1]) for match in found if match}

    def _names(self) -> Iterable[str]:
        return self._objects.names(self._folder)

    def _name(self, number: int) -> str:
        return f"{self._folder}{number:08}.json"


def _holder(state: bytes | None) -> str | None:
    """Say who holds the lock, None where nobody does; what cannot be read is held by somebody."""
    try:
        document = json.loads(state or b"")
    except ValueError:
        return "a writer that cannot be named"
    holder = document.get("holder") if isinstance(document, dict) else "a writer"
    return None if holder is None else str(holder)
