"""Replay both trees of a release at the same time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from build_hooks.errors import OutputError, TritonError
from build_hooks.terminal import tracked
from build_hooks.triton.comparison import Comparison
from build_hooks.triton.replay import RunnerError, replay

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from build_hooks.triton.configurations import Job
    from build_hooks.triton.replay import Compiler
    from build_hooks.triton.trees import Trees


class _StoppedError(Exception):
    """Nobody waits for the result any more."""


class _Progress:
    """Counts configurations of both trees on a terminal; called from two threads."""

    def __init__(self, total: int) -> None:
        self._steps = iter(tracked(range(total), "compiling kernels"))
        self._lock = threading.Lock()
        self._stopped = False

    def __call__(self) -> None:
        with self._lock:
            if self._stopped:
                raise _StoppedError
            next(self._steps, None)

    def stop(self) -> None:
        """Let whoever works on end."""
        with self._lock:
            self._stopped = True


def compare(compiler: Compiler, trees: Trees, jobs: Sequence[Job], folder: Path) -> Comparison:
    """Replay configurations on both trees, in a process for each.

    Args:
        compiler: the Triton.
        trees: what to compile.
        jobs: the configurations.
        folder: where the runners' inputs and outputs are kept.

    Raises:
        TritonError: a runner came to no result.
        OutputError: the folder cannot be written.
    """
    progress = _Progress(2 * len(jobs))
    progress()  # shows the bar before the first configuration is done
    with ThreadPoolExecutor(2) as pool:
        started = [
            pool.submit(replay, compiler, package, jobs, folder / name, progress)
            for name, package in (("before", trees.before), ("after", trees.after))
        ]
        try:
            before, after = (each.result() for each in started)
        except RunnerError as error:
            raise TritonError(str(error)) from error
        except OSError as error:
            raise OutputError(f"{folder} cannot be written: {error.strerror or error}") from error
        finally:
            # Else an interrupt would wait until both have come to their ends.
            progress.stop()
    return Comparison(before, after)
