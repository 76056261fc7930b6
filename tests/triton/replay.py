"""Replay configurations on trees with several Tritons, each in its own interpreter."""

from __future__ import annotations

import json
import os
import subprocess
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.triton.configurations import Job

PROJECT = Path(__file__).parents[2]
SEED_ERROR = "'AnnAssign' object has no attribute 'targets'"


@dataclass(frozen=True)
class Attempt:
    """What came of one configuration."""

    ident: str
    number: int
    raw_ir: str = ""
    ttir: str = ""
    reached: tuple[str, ...] = ()
    """The tree's jit functions whose bodies were compiled, the root included."""
    error: tuple[str, ...] = ()
    """What was raised, down its causes; empty where it compiled."""

    @property
    def compiled(self) -> bool:
        """Whether it came to TTIR."""
        return not self.error

    @property
    def meets_seed_error(self) -> bool:
        """Whether it failed as the seed did: on an annotated assignment."""
        return any(SEED_ERROR in line for line in self.error)


@dataclass(frozen=True)
class Replay:
    """All that one Triton said of one tree."""

    triton: str
    jit_functions: int
    attempts: tuple[Attempt, ...]
    cache_keys: dict[str, str | None]
    """For each loaded jit function why its ``cache_key`` failed; None where it did not."""
    seconds: float

    @cached_property
    def roots(self) -> frozenset[str]:
        """The kernels that have configurations."""
        return frozenset(attempt.ident for attempt in self.attempts)

    @cached_property
    def compiled_roots(self) -> frozenset[str]:
        """The kernels of which at least one configuration compiled."""
        return frozenset(attempt.ident for attempt in self.attempts if attempt.compiled)

    @cached_property
    def reached(self) -> frozenset[str]:
        """The jit functions, device helpers included, that some compiled configuration used."""
        return frozenset(ident for attempt in self.attempts for ident in attempt.reached)

    @cached_property
    def keyed(self) -> frozenset[str]:
        """The functions whose ``cache_key`` could be computed."""
        return frozenset(ident for ident, error in self.cache_keys.items() if error is None)


def replay(version: str, package: Path, jobs: Sequence[Job], folder: Path) -> Replay:
    """Run the runner once, in the interpreter that has this Triton.

    Args:
        version: of Triton.
        package: the tree's ``vllm``.
        jobs: what to compile.
        folder: where the runner's input and output are kept; made here.

    Raises:
        RuntimeError: the runner failed, or its interpreter has another Triton.
    """
    folder.mkdir(parents=True)
    jobs_file, result_file = folder / "jobs.json", folder / "result.json"
    jobs_file.write_text(json.dumps([asdict(job) for job in jobs]), encoding="utf-8")
    command = [interpreter(version), "-m", "tests.triton.runner"]
    began = time.monotonic()
    output_file = folder / "output.txt"
    with output_file.open("w", encoding="utf-8") as output:
        done = subprocess.run(
            [*command, str(package), str(jobs_file), str(result_file)],
            cwd=PROJECT,
            env={
                "PATH": os.environ.get("PATH", ""),
                "HOME": str(folder),
                "PYTHONHASHSEED": "0",
                "PYTHONDONTWRITEBYTECODE": "1",
            },
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode != 0:
        tail = output_file.read_text(encoding="utf-8")[-2000:]
        raise RuntimeError(f"the runner ended with {done.returncode} on {package}:\n{tail}")
    result = json.loads(result_file.read_text(encoding="utf-8"))
    if result["triton"] != version:
        raise RuntimeError(f"{command[0]} has Triton {result['triton']}, not {version}")
    return Replay(
        triton=version,
        jit_functions=result["jit_functions"],
        attempts=tuple(map(_attempt, result["results"])),
        cache_keys=result["cache_keys"],
        seconds=time.monotonic() - began,
    )


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


def _attempt(row: dict[str, Any]) -> Attempt:
    return Attempt(
        ident=row["ident"],
        number=row["number"],
        raw_ir=row.get("raw_ir", ""),
        ttir=row.get("ttir", ""),
        reached=tuple(row.get("reached", ())),
        error=tuple(row.get("error", ())),
    )


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
