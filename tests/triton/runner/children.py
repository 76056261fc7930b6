"""Run a piece of work in a child process, which old Tritons may abort."""

from __future__ import annotations

import multiprocessing
import os
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

T = TypeVar("T")
FORK = multiprocessing.get_context("fork")


class ChildDiedError(Exception):
    """The child ended, or had to be ended, before it answered."""


def in_child(work: Callable[[], T], seconds: float) -> T:
    """Fork, do the work there and return its answer; what this process holds stays untouched."""
    receiver, sender = FORK.Pipe(duplex=False)
    child = FORK.Process(target=_answer, args=(work, sender))
    child.start()
    sender.close()
    try:
        if not receiver.poll(seconds):
            raise ChildDiedError(f"no answer within {seconds:.0f} s")
        answer: T = receiver.recv()
    except EOFError:
        child.join()
        raise ChildDiedError(f"exit code {child.exitcode}") from None
    finally:
        receiver.close()
        child.kill()
        child.join()
    return answer


def _answer(work: Callable[[], object], sender: Connection) -> None:
    """Send what the work returns; its own output, native code's included, goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    sender.send(work())
