"""Replay with a release of Triton whose interpreter the environment names."""

from __future__ import annotations

import dataclasses
import os
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from build_hooks.triton import replay as product

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from build_hooks.triton.configurations import Job
    from build_hooks.triton.replay import Attempt, Replay

SEED_ERROR = "'AnnAssign' object has no attribute 'targets'"


def meets_seed_error(attempt: Attempt) -> bool:
    """Tell whether a configuration failed as the seed did: on an annotated assignment."""
    return any(SEED_ERROR in line for line in attempt.error)


def replay(version: str, package: Path, jobs: Sequence[Job], folder: Path) -> Replay:
    """Run the runner once, in the interpreter that has this Triton.

    Raises:
        RunnerError: the runner failed.
        LookupError: no interpreter is named, or it has another Triton.
    """
    python = interpreter(version)
    result = product.replay(product.Compiler(python), package, jobs, folder)
    if result.triton != version:
        raise LookupError(f"{python} has Triton {result.triton}, not {version}")
    return result


def same_jobs(whole: Replay, part: Replay) -> Replay:
    """Keep of one replay what another one attempted too."""
    numbers = {attempt.number for attempt in part.attempts}
    kept = tuple(attempt for attempt in whole.attempts if attempt.number in numbers)
    return dataclasses.replace(whole, attempts=kept)


def interpreter_variable(version: str) -> str:
    """Name the environment variable that holds the interpreter with this Triton."""
    return f"WHEELWRIGHT_TRITON_{version.replace('.', '_')}"


def interpreter(version: str) -> str:
    """Find the interpreter that has this Triton and nothing but it and ``packaging``.

    Raises:
        LookupError: the environment does not name one.
    """
    variable = interpreter_variable(version)
    try:
        return os.environ[variable]
    except KeyError:
        raise LookupError(f"{variable} is not set; `nox -s triton` sets it") from None


class Replays:
    """Replays that run beside each other, each of them once, whichever tests ask for it."""

    def __init__(self, workers: int) -> None:
        self._pool = ThreadPoolExecutor(workers)
        self._running: dict[tuple[str, ...], Future[Replay]] = {}

    def start(self, key: tuple[str, ...], work: Callable[[], Replay]) -> None:
        """Queue a replay under a key."""
        self._running[key] = self._pool.submit(work)

    def __getitem__(self, key: tuple[str, ...]) -> Replay:
        """Wait for a replay's result."""
        return self._running[key].result()

    def finished(self) -> dict[tuple[str, ...], Replay]:
        """Give the replays that have come to a good end, in the order in which they were queued."""
        return {
            key: future.result()
            for key, future in self._running.items()
            if future.done() and not future.cancelled() and future.exception() is None
        }

    def stop(self) -> None:
        """Start no further one, and wait for those that run."""
        self._pool.shutdown(cancel_futures=True)
