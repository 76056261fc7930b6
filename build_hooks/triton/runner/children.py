"""Do pieces of work in child processes, which old Tritons may abort."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from types import TracebackType

Q = TypeVar("Q")
A = TypeVar("A")
FORK = multiprocessing.get_context("fork")
MOST_CHARACTERS = 300


class ChildDiedError(Exception):
    """The child ended, or had to be ended, before it answered."""


class Child(Generic[Q, A]):
    """A fork that answers one question after another; what this process holds stays untouched."""

    def __init__(self, answer: Callable[[Q], A]) -> None:
        """Fork; ``answer`` runs in the child only."""
        self._connection, theirs = FORK.Pipe()
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `end`
        self._process = FORK.Process(
            target=_serve, args=(answer, self._connection, theirs, self._said.fileno())
        )
        self._process.start()
        theirs.close()

    def __enter__(self) -> Child[Q, A]:
        """Give the child."""
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        """End it."""
        self.end()

    def ask(self, question: Q, seconds: float) -> A:
        """Wait for the answer to one question; a child that gave none is of no further use.

        Raises:
            ChildDiedError: it died, or took longer.
        """
        try:
            self._connection.send(question)
            if not self._connection.poll(seconds):
                raise ChildDiedError(f"no answer within {seconds:.0f} s")
            answer: A = self._connection.recv()
        except (EOFError, ConnectionError):
            self._process.join()
            code = f"exit code {self._process.exitcode}"
            raise ChildDiedError(f"{code}{self._last_words()}") from None
        return answer

    def end(self) -> None:
        """Kill the child, whatever it does."""
        self._process.kill()
        self._process.join()
        self._connection.close()
        self._said.close()

    def _last_words(self) -> str:
        """Give the last line of what the child wrote to standard error: why it aborted."""
        self._said.seek(0)
        lines = self._said.read().decode(errors="replace").split("\n")
        last = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return f": {last[:MOST_CHARACTERS]}" if last else ""


def _serve(answer: Callable[[Q], A], parents: Connection, own: Connection, said: int) -> None:
    """Answer until there is nobody to ask; output, native code's included, goes to no terminal."""
    parents.close()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(said, 2)
    while True:
        try:
            question: Q = own.recv()
        except EOFError:
            return
        own.send(answer(question))
