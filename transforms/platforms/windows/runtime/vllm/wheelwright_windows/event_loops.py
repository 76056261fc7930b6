"""Event loops as uvloop has them, and their handlers of signals."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from types import FrameType

_T = TypeVar("_T")


def new_event_loop() -> asyncio.AbstractEventLoop:
    """Make an event loop as `uvloop.new_event_loop` does, of Python's own.

    Windows' default one has no `add_reader`, which ZeroMQ's sockets need.
    """
    return asyncio.SelectorEventLoop()


def run(main: Coroutine[object, object, _T]) -> _T:
    """Run a coroutine as `uvloop.run` does, in an event loop of Python's own."""
    try:
        if sys.version_info >= (3, 11):
            with asyncio.Runner(loop_factory=new_event_loop) as runner:
                return runner.run(main)
        return _run_in(new_event_loop(), main)
    finally:
        if threading.current_thread() is threading.main_thread():
            # What `add_signal_handler` has set is closed with the loop.
            signal.set_wakeup_fd(-1)


def _run_in(loop: asyncio.AbstractEventLoop, main: Coroutine[object, object, _T]) -> _T:
    """Do what `asyncio.run` does, which takes no loop before Python 3.11."""
    try:
        asyncio.set_event_loop(loop)
        return loop.run_until_complete(main)
    finally:
        try:
            if left := asyncio.all_tasks(loop):
                for task in left:
                    task.cancel()
                loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.run_until_complete(loop.shutdown_default_executor())
        finally:
            asyncio.set_event_loop(None)
            loop.close()


def add_signal_handler(
    loop: asyncio.AbstractEventLoop, signum: int, callback: Callable[..., object], *args: object
) -> None:
    """Add a handler as `loop.add_signal_handler` does, which no loop of Windows has.

    Args:
        loop: the loop in which the callback is to run.
        signum: the signal; Windows sends SIGINT and SIGBREAK.
        callback: what to call.
        args: its arguments.
    """
    try:
        loop.add_signal_handler(signum, callback, *args)
    except NotImplementedError:
        # A signal does not end Windows' `select`: have its number written into the socket by which a
        # loop is woken up, as asyncio does on POSIX. Windows' default loop does so by itself.
        waker = getattr(loop, "_csock", None)
        if waker is not None:
            signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)

        def handle(signum: int, frame: FrameType | None) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(callback, *args)
            elif callable(previous):
                previous(signum, frame)

        previous = signal.signal(signum, handle)
