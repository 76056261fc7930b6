"""Run one function over many tasks in processes of their own.

A process that dies (out of memory, a crash of the interpreter) costs its own task only, and Ctrl-C
leaves no process behind. The workers write nothing, so they can be killed at any time.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import signal
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING, TypeVar

from build_hooks.drift.cell import Failure
from build_hooks.errors import WheelwrightError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_Key = TypeVar("_Key")
_Task = TypeVar("_Task")
_Result = TypeVar("_Result")


def run_tasks(
    function: Callable[[_Task], _Result],
    tasks: Mapping[_Key, _Task],
    *,
    jobs: int,
    on_result: Callable[[_Key, _Result | Failure], None],
) -> None:
    """Run a function on every task.

    Args:
        function: a module's own function that turns its failures into results.
        tasks: by what the result is called.
        jobs: how many processes run at a time.
        on_result: called in this process with each result, in whatever order they come.
    """
    waiting = dict(tasks)
    _run_together(function, waiting, jobs, on_result)
    # Nobody can say which task took the pool with it, so each that is left gets one of its own.
    for key, task in waiting.items():
        with _pool(1) as pool:
            try:
                result: _Result | Failure = _submitted(pool, function, task).result()
            except BrokenProcessPool:
                result = _died()
        on_result(key, result)


def _run_together(
    function: Callable[[_Task], _Result],
    waiting: dict[_Key, _Task],
    jobs: int,
    on_result: Callable[[_Key, _Result | Failure], None],
) -> None:
    """Run tasks in one pool, and leave in `waiting` what is lost when it breaks."""
    if not waiting:
        return
    with _pool(min(jobs, len(waiting))) as pool:
        try:
            futures = {_submitted(pool, function, task): key for key, task in waiting.items()}
            for future in as_completed(futures):
                result = future.result()
                del waiting[futures[future]]
                on_result(futures[future], result)
        except BrokenProcessPool:
            return


def _submitted(
    pool: ProcessPoolExecutor, function: Callable[[_Task], _Result], task: _Task
) -> Future[_Result]:
    """Hand in a task; a process that this starts must not hear Ctrl-C, from its first moment on."""
    mask = getattr(signal, "pthread_sigmask", None)
    if mask is None:
        return pool.submit(_tidily, function, task)
    before = mask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return pool.submit(_tidily, function, task)
    finally:
        mask(signal.SIG_SETMASK, before)


def _tidily(function: Callable[[_Task], _Result], task: _Task) -> _Result:
    """Run a task and give its memory back, so that a process does not grow from task to task.

    What was made while the collector was off is out of its sight until it is told otherwise.
    """
    try:
        return function(task)
    finally:
        gc.unfreeze()
        gc.collect()


def _deaf() -> None:
    """Leave Ctrl-C to the process that shows it to the user."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextlib.contextmanager
def _pool(jobs: int) -> Iterator[ProcessPoolExecutor]:
    """Open a pool whose processes are gone when the block ends, however it ends."""
    others = set(multiprocessing.active_children())
    # A fork of a process with threads (a progress bar is one) can hang.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_deaf)
    try:
        yield pool
    except BaseException:
        for process in set(multiprocessing.active_children()) - others:
            process.kill()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _died() -> Failure:
    return Failure(
        kind=WheelwrightError.kind,
        exit_code=WheelwrightError.exit_code,
        message="the process that worked on this release died: out of memory, or killed",
    )
