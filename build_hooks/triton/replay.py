"""Replay configurations on a tree with the Triton of another interpreter."""

from __future__ import annotations

import json
import os
import subprocess
import time
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from build_hooks.triton.kernels import kernel_modules
from build_hooks.triton.runner import ATTEMPTED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from build_hooks.triton.configurations import Job

PROJECT = Path(__file__).parents[2]
Target = tuple[str, int | str, int]
"""Backend, architecture and warp size, as Triton's `GPUTarget` takes them."""
_SHOWN_LINES = 20
HOPPER: Target = ("cuda", 90, 32)
"""What kernels are compiled for: any machine can, it needs no GPU."""


@dataclass(frozen=True, slots=True)
class Compiler:
    """A Triton.

    Attributes:
        python: the interpreter that has it.
        target: what it compiles for.
    """

    python: str
    target: Target = HOPPER


class RunnerError(Exception):
    """The runner ended before it had a result; the message holds what it said last."""


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


@dataclass(frozen=True)
class Replay:
    """All that one Triton said of one tree."""

    triton: str
    jit_functions: int
    attempts: tuple[Attempt, ...]
    cache_keys: Mapping[str, str | None]
    """For each loaded jit function why its ``cache_key`` failed; None where it did not."""
    parameters: Mapping[str, list[list[object]]]
    """For each loaded jit function what a launch goes by: a row for each of its parameters."""
    notes: tuple[str, ...]
    """What the runner had to make up for: statements that failed, options that ``jit`` lacks."""
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


def replay(
    compiler: Compiler,
    package: Path,
    jobs: Sequence[Job],
    folder: Path,
    advance: Callable[[], object] = bool,
) -> Replay:
    """Run the runner once, in the interpreter that has the Triton.

    Args:
        compiler: the Triton.
        package: the tree's package.
        jobs: what to compile.
        folder: where the runner's input and output are kept; made here.
        advance: called after each job.

    Raises:
        RunnerError: the runner came to no result.
        OSError: the interpreter cannot be run, or the folder not be written.
    """
    folder.mkdir(parents=True)
    given, result, said = (folder / name for name in ("input.json", "result.json", "output.txt"))
    document = {
        "package": str(package),
        "target": compiler.target,
        "modules": kernel_modules(),
        "jobs": [asdict(job) for job in jobs],
    }
    given.write_text(json.dumps(document), encoding="utf-8")
    began = time.monotonic()
    with (
        said.open("w", encoding="utf-8") as output,
        subprocess.Popen(  # noqa: S603 - the interpreter that the user names
            [compiler.python, "-m", "build_hooks.triton.runner", str(given), str(result)],
            cwd=PROJECT,
            env=_environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=output,
            encoding="utf-8",
            errors="replace",
        ) as process,
    ):
        try:
            for line in process.stdout or ():
                if line.strip() == ATTEMPTED:
                    advance()
                else:
                    output.write(line)
        except BaseException:
            process.kill()
            raise
    if process.returncode != 0:
        raise RunnerError(
            _ended(process.returncode, said.read_text(encoding="utf-8", errors="replace"))
        )
    outcome = json.loads(result.read_text(encoding="utf-8"))
    return Replay(
        triton=outcome["triton"],
        jit_functions=outcome["jit_functions"],
        attempts=tuple(map(_attempt, outcome["results"])),
        cache_keys=outcome["cache_keys"],
        parameters=outcome["parameters"],
        notes=tuple(outcome["notes"]),
        seconds=time.monotonic() - began,
    )


def _ended(code: int, said: str) -> str:
    """Say how the runner ended: with what it said itself, or what was said when it crashed."""
    lines = said.strip().splitlines()
    if code == 1 and "Traceback (most recent call last):" not in lines:
        return lines[-1] if lines else "the runner ended without a word"
    shown = "\n".join(f"    {line}" for line in lines[-_SHOWN_LINES:])
    return f"the compiling process ended with {code}:\n{shown}"


def _environment(folder: Path) -> dict[str, str]:
    """Give the runner's environment: the user's, without what changes how Triton compiles."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "TRITON_"))
    }
    fixed = {"PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1", "TRITON_HOME": str(folder)}
    return {**kept, **fixed, "TRITON_CACHE_DIR": str(folder / "cache")}


def _attempt(row: Mapping[str, Any]) -> Attempt:
    return Attempt(
        ident=row["ident"],
        number=row["number"],
        raw_ir=row.get("raw_ir", ""),
        ttir=row.get("ttir", ""),
        reached=tuple(row.get("reached", ())),
        error=tuple(row.get("error", ())),
    )
