"""Run the numeric cases on a tree, with a Triton's interpreter for the CPU, in a child process."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from build_hooks.triton.replay import PROJECT
from tests.triton.replay import interpreter

if TYPE_CHECKING:
    from pathlib import Path

TORCH_VARIABLE = "WHEELWRIGHT_TORCH"
"""Names an interpreter with torch and NumPy, of the Python that the Tritons are installed for."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """What came of one case.

    Attributes:
        error: the largest difference from what torch computes.
        tolerance: what is taken for rounding.
        digest: of the computed bits.
        distinct: how many different numbers torch's result has.
        seconds: that it took.
        raised: instead of all these what was raised, down its causes.
    """

    error: float = float("inf")
    tolerance: float = 0.0
    digest: str = ""
    distinct: int = 0
    seconds: float
    raised: tuple[str, ...] = field(default=())

    @property
    def agrees(self) -> bool:
        """Whether it is what torch computes."""
        return not self.raised and self.error <= self.tolerance


@dataclass(frozen=True)
class Interpretation:
    """What came of all cases on one tree, with one Triton."""

    triton: str
    numpy: str
    results: dict[str, Result]

    def __getitem__(self, case: str) -> Result:
        """Give a case's result."""
        return self.results[case]


def interpret(
    version: str, package: Path, folder: Path, *, plain_triton_utils: bool = False
) -> Interpretation:
    """Run all cases once.

    Args:
        version: of Triton.
        package: the tree's ``vllm``.
        folder: where input and output are kept; made here.
        plain_triton_utils: whether the tree's own ``vllm.triton_utils`` is stood in for.

    Raises:
        LookupError: an interpreter is not named, or has another Triton.
        RuntimeError: the child failed as a whole.
    """
    folder.mkdir(parents=True)
    result_file, output_file = folder / "result.json", folder / "output.txt"
    options = ["--plain-triton-utils"] if plain_triton_utils else []
    command = [torch_interpreter(), "-m", "tests.triton.numerics.interpreter"]
    with output_file.open("w", encoding="utf-8") as output:
        done = subprocess.run(
            [*command, str(package), str(result_file), *options],
            cwd=PROJECT,
            env={
                "PATH": os.environ.get("PATH", ""),
                "HOME": str(folder),
                "PYTHONPATH": site_packages(interpreter(version)),
                "PYTHONDONTWRITEBYTECODE": "1",
                "TRITON_INTERPRET": "1",
                # How a product is shared out among threads changes how it is rounded.
                "OMP_NUM_THREADS": "1",
                "OPENBLAS_NUM_THREADS": "1",
                # To vLLM, Triton without a driver is no Triton, unless devices are hidden.
                "CUDA_VISIBLE_DEVICES": "",
            },
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode != 0:
        tail = output_file.read_text(encoding="utf-8")[-2000:]
        raise RuntimeError(f"the cases ended with {done.returncode} on {package}:\n{tail}")
    said = json.loads(result_file.read_text(encoding="utf-8"))
    if said["triton"] != version:
        raise LookupError(f"{interpreter(version)} has Triton {said['triton']}, not {version}")
    results = {case: Result(**result) for case, result in said["results"].items()}
    return Interpretation(said["triton"], said["numpy"], results)


def torch_interpreter() -> str:
    """Find the interpreter that has torch and NumPy.

    Raises:
        LookupError: the environment does not name one.
    """
    try:
        return os.environ[TORCH_VARIABLE]
    except KeyError:
        raise LookupError(f"{TORCH_VARIABLE} is not set; `nox -s triton` sets it") from None


@cache
def site_packages(python: str) -> str:
    """Ask an interpreter where its packages are."""
    question = "import sysconfig; print(sysconfig.get_path('purelib'))"
    done = subprocess.run([python, "-c", question], check=True, capture_output=True, text=True)
    return done.stdout.strip()
