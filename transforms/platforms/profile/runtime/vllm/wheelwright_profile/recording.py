# SPDX-License-Identifier: Apache-2.0
"""Take rows in, cheaply; a thread of its own writes them.

`record` is a list append. A daemon thread, begun with the first row, writes every half second, so
that a process that is killed loses half a second at most; one that ends in order loses nothing.
Whatever goes wrong is said once on the log, and the engine goes on.

Sampling: `if recording.sampled():` is True in one step of `VLLM_PROFILING_LOG_INTERVAL`, the first
step (0) included. It asks `recording.step` unless told a step, so that every process samples the
same steps, and is False before the first step (-1: warm-up, dummy runs).
"""

from __future__ import annotations

import functools
import logging
import time
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from .buffer import LIMIT, Buffer
from .flushing import Flusher
from .output import Output
from .settings import LOGGER, SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable

    from .tables import Row

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

logger = logging.getLogger(LOGGER)

# The id of the step that this process works on; a worker sets it from the scheduler's output.
step: int = -1

now = time.time_ns
clock = time.perf_counter_ns

_buffer = Buffer()
_rows = _buffer.rows
_passed = _buffer.passed
_said: set[str] = set()


def record(table: str, row: Row) -> None:
    """Take one row, its values in the order of `tables.TABLES[table]`.

    It never raises and never waits. What does not fit its table is said when it is written.
    """
    if len(_rows) >= LIMIT:
        _buffer.lose(table)
        return
    _rows.append((table, row))
    if not _flusher.runs:
        _flusher.begin()


def fired(point: str) -> None:
    """Count that a point was passed."""
    if len(_passed) >= LIMIT:
        _buffer.lose("points")
        return
    _passed.append(point)
    if not _flusher.runs:
        _flusher.begin()


def point(
    name: str,
) -> Callable[[Callable[Parameters, Result]], Callable[Parameters, Result | None]]:
    """Make a function a point's recording half: it counts, and it never raises into the engine.

        @recording.point("scheduler.schedule")
        def scheduled(scheduler: Any, output: Any, started: int) -> None: ...

    Args:
        name: as in `points.POINTS`.
    """

    def decorate(
        function: Callable[Parameters, Result],
    ) -> Callable[Parameters, Result | None]:
        @functools.wraps(function)
        def recorded(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result | None:
            try:
                fired(name)
                return function(*args, **kwargs)
            except Exception as error:  # noqa: BLE001 - the engine goes on, whatever it was
                trouble(name, error)
                return None

        return recorded

    return decorate


def sampled(of_step: int | None = None) -> bool:
    """Tell whether the costly tables take this step; see the module's docstring."""
    number = step if of_step is None else of_step
    return number >= 0 and number % SETTINGS.interval == 0


def trouble(what: str, error: BaseException | None = None) -> None:
    """Say on the log what went wrong, once for each `what`, and count it; the engine goes on.

    Args:
        what: which point or what work; the same words each time.
        error: what was raised.
    """
    _buffer.lose(f"trouble: {what}")
    if what in _said:
        return
    _said.add(what)
    reason = f": {type(error).__name__}: {error}" if error is not None else ""
    shown = error if SETTINGS.debug else None
    logger.warning("profiling: %s%s (said once; the engine goes on)", what, reason, exc_info=shown)


def set_process(role: str, rank: int | None = None, dp_rank: int | None = None) -> None:
    """Say what this process is in the engine: `engine_core`, `worker`; the first call wins.

    Rows that wait belong to it as well; what is already written stays with the role before.

    Args:
        role: what it is.
        rank: which of them it is, in its engine.
        dp_rank: which of several data-parallel engines that is.
    """
    _flusher.set_process(role, rank, dp_rank)


def flush() -> None:
    """Write what waits, now, in this thread."""
    _flusher.flush()


def flush_soon() -> None:
    """Have the thread write what waits, now, and don't wait for it: for when work has ended."""
    _flusher.wake()


def finish() -> None:
    """Write what waits, and end the thread: for the end of a process. Recording can go on."""
    _flusher.finish()


def on_flush(emit: Callable[[], None]) -> None:
    """Have a function called before each flush, to record what it has counted since the last.

    It is called in whichever thread flushes, one call at a time, while others go on counting: keep
    totals that only grow, remember what was emitted, and record the differences.
    """
    _flusher.emitters.append(emit)


def on_fork(forget: Callable[[], None]) -> None:
    """Have a function called in a forked child: what is counted so far is the parent's to emit."""
    _forgetters.append(forget)


def _refused(table: str, error: ValueError) -> None:
    _buffer.lose(table)
    trouble(f"a row of {table}", error)


def _in_child() -> None:
    """Forget what is the parent's: its rows, its counts, its step, what it has said."""
    global step
    step = -1
    _buffer.clear()
    _said.clear()
    for forget in _forgetters:
        try:
            forget()
        except Exception as error:  # noqa: BLE001 - the engine goes on, whatever it was
            trouble(f"{forget.__module__}.{forget.__qualname__}", error)


_forgetters: list[Callable[[], None]] = []
_flusher = Flusher(
    _buffer,
    lambda: Output(SETTINGS, refused=_refused, trouble=trouble),
    trouble,
    _in_child,
)
