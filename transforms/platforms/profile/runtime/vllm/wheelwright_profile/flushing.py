# SPDX-License-Identifier: Apache-2.0
"""When rows are written: by a thread, every so often, and once more when the process ends in order.

A process is forked only between two flushes, and the child begins with nothing: its parent's rows,
file and thread are its parent's. No signal is handled here: vLLM has its own handlers, which end a
process in order.
"""

from __future__ import annotations

import atexit
import os
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from .buffer import Buffer
    from .output import Output

FLUSH_SECONDS = 0.5
# However often it is woken, the thread writes no more often than this.
GAP_SECONDS = 0.05
# How long a disk that hangs may hold up the end of a process, or a fork.
WAIT_SECONDS = 5.0
# Before most of what others want done at the end of a child of multiprocessing.
_PRIORITY = 100


class Flusher:
    """The thread that writes, and everything else that does.

    Attributes:
        runs: whether the thread has begun.
        emitters: functions that are called before each flush.
    """

    def __init__(
        self,
        buffer: Buffer,
        new_output: Callable[[], Output],
        trouble: Callable[[str, BaseException | None], None],
        in_child: Callable[[], None],
    ) -> None:
        """Prepare; no thread is begun and nothing is made.

        Args:
            buffer: what is written.
            new_output: makes the output of this process.
            trouble: says once what went wrong.
            in_child: is called in a forked child, to forget what is the parent's.
        """
        self.emitters: list[Callable[[], None]] = []
        self._buffer = buffer
        self._new_output = new_output
        self._trouble = trouble
        self._in_child = in_child
        self._output = new_output()
        self._reset()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(
                before=self._before_fork,
                after_in_parent=self._after_fork,
                after_in_child=self._forked,
            )

    def _reset(self) -> None:
        self.runs = False
        self._thread: threading.Thread | None = None
        self._lock = threading.RLock()  # held by who writes
        self._wake = threading.Event()
        self._ending = threading.Event()
        self._writer: int | None = None  # the thread that writes
        self._named = False
        self._registered = False
        self._ended = False
        self._held_to_fork = False

    def set_process(self, role: str, rank: int | None, dp_rank: int | None) -> None:
        """Name the stream; the first call wins."""

        def name() -> None:
            if not self._named:
                self._named = True
                self._output.close()
                self._output.role, self._output.rank = role, rank
                self._output.dp_rank = dp_rank

        self._alone(name)

    def begin(self) -> None:
        """Begin the thread, and see to it that the end of the process writes the rest."""
        if self._writer == threading.get_ident():
            return  # an emitter records, and what it records is written now
        if self._ended:
            self.flush()  # there is no other time
            return
        try:
            with self._lock:
                if not self.runs:
                    self.runs = True
                    self._register()
                    self._ending = threading.Event()
                    self._thread = threading.Thread(
                        target=self._run,
                        args=(self._ending,),
                        name="wheelwright_profile",
                        daemon=True,
                    )
                    self._thread.start()
        except Exception as error:  # noqa: BLE001 - the engine goes on, whatever it was
            self._thread = None
            self._trouble("no thread to write what is recorded: only the process's end does", error)

    def _register(self) -> None:
        if self._registered:
            return
        self._registered = True
        # Before what was there earlier is torn down, which emitters may ask.
        atexit.unregister(self._end)  # a parent's, in a forked child
        atexit.register(self._end)
        # A child of multiprocessing ends with os._exit, which asks these only.
        import multiprocessing.util  # noqa: PLC0415 - not before there is something to write

        multiprocessing.util.Finalize(None, self._end, exitpriority=_PRIORITY)

    def wake(self) -> None:
        """Have the thread flush now."""
        self._wake.set()

    def flush(self) -> None:
        """Write what waits, in this thread."""
        self._alone(lambda: self._write(last=self._ended))

    def finish(self) -> None:
        """Write what waits, and end the thread; the next row begins another."""
        thread, self._thread = self._thread, None
        self._ending.set()
        self._wake.set()
        if thread is not None and thread is not threading.current_thread():
            thread.join(WAIT_SECONDS)
        self._alone(lambda: self._write(last=True))
        self.runs = False

    def _end(self) -> None:
        self._ended = True
        self.finish()

    def _run(self, ending: threading.Event) -> None:
        while not ending.is_set():
            self._wake.wait(FLUSH_SECONDS)
            self._wake.clear()
            if not ending.is_set():
                self.flush()
                ending.wait(GAP_SECONDS)

    def _alone(self, work: Callable[[], None]) -> None:
        """Do what only one may do at a time; a disk that hangs must not hang the engine, too."""
        lock = self._lock
        if not lock.acquire(timeout=WAIT_SECONDS):
            self._trouble("a write does not end", None)
            return
        try:
            work()
        except Exception as error:  # noqa: BLE001 - the engine goes on, whatever it was
            self._trouble("a flush", error)
        finally:
            lock.release()

    def _write(self, *, last: bool) -> None:
        if self._writer is not None:
            return  # an emitter flushes
        self._writer = threading.get_ident()
        try:
            self._emit()
            self._write_taken(last=last)
            if last and self._buffer.has_losses and self._output.path:
                self._write_taken(last=True)  # what the write itself refused
        finally:
            self._writer = None

    def _emit(self) -> None:
        for emit in self.emitters:
            try:
                emit()
            except Exception as error:  # noqa: BLE001 - the engine goes on, whatever it was
                self._trouble(f"{emit.__module__}.{emit.__qualname__}", error)

    def _write_taken(self, *, last: bool) -> None:
        taken = self._buffer.take()
        if not (taken.rows or taken.passed or (last and taken.losses and self._output.path)):
            return
        if self._output.rests and not last:
            self._buffer.lost(taken)
            return
        before = self._output.written
        try:
            self._output.write(taken.batches(time.time_ns()))
        except Exception as error:  # noqa: BLE001 - the engine goes on, whatever it was
            self._buffer.lost(taken)
            self._trouble(f"cannot write to {self._output.folder}", error)
        except BaseException:
            # The engine's own handler of a signal ends the process here.
            if self._output.written == before:
                self._buffer.put_back(taken)
            raise
        else:
            self._buffer.wrote(taken)

    def _before_fork(self) -> None:
        # No other thread is in the middle of a write then, or of importing pyarrow.
        self._held_to_fork = self._lock.acquire(timeout=WAIT_SECONDS)

    def _after_fork(self) -> None:
        if self._held_to_fork:
            self._lock.release()

    def _forked(self) -> None:
        self._reset()
        self._output.close()
        self._output = self._new_output()
        self._in_child()
