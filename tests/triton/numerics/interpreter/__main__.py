"""Run the cases on one tree, in this interpreter's Triton, on its interpreter for the CPU.

    python -m tests.triton.numerics.interpreter PACKAGE RESULT.json [--plain-triton-utils]

Runs in an environment that has torch, NumPy and Triton; with `TRITON_INTERPRET=1`.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import triton

from tests.triton.numerics.interpreter.mending import mend
from tests.triton.numerics.interpreter.surroundings import Surroundings
from tests.triton.numerics.names import SUBJECTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.triton.numerics.interpreter.outcome import Outcome


def cases_of(subject: str, names: tuple[str, ...]) -> dict[str, Callable[[], Outcome]]:
    """Import a subject's cases, and the kernels with them.

    Raises:
        LookupError: it has other cases than the tests ask for.
    """
    cases: dict[str, Callable[[], Outcome]]
    cases = importlib.import_module(f"tests.triton.numerics.cases.{subject}").CASES
    if set(cases) != set(names):
        raise LookupError(f"{subject} has {sorted(cases)}, named are {sorted(names)}")
    return cases


def run(subject: str, name: str) -> dict[str, Any]:
    """Run a case, and say what came of it."""
    torch.manual_seed(0)
    began = time.perf_counter()
    try:
        report = cases_of(subject, SUBJECTS[subject])[name]().report()
    except Exception as error:  # noqa: BLE001 - how a kernel fails is the finding
        report = {"raised": _causes(error)}
    return {**report, "seconds": time.perf_counter() - began}


def _causes(error: BaseException | None) -> list[str]:
    said = []
    while error is not None:
        said.append(f"{type(error).__name__}: {error}")
        error = error.__cause__ or error.__context__
    return said


def main() -> None:
    """Read the command line, write the result."""
    parser = argparse.ArgumentParser()
    parser.add_argument("package", type=Path)
    parser.add_argument("result", type=Path)
    parser.add_argument("--plain-triton-utils", action="store_true")
    options = parser.parse_args()
    if os.environ.get("TRITON_INTERPRET") != "1":
        parser.error("set TRITON_INTERPRET=1: there is no GPU to compile for")
    torch.set_num_threads(1)
    mend()
    Surroundings(options.package, plain_triton_utils=options.plain_triton_utils).install()
    outcome = {
        "triton": triton.__version__,
        "numpy": np.__version__,
        "results": {
            f"{subject}.{name}": run(subject, name)
            for subject, names in SUBJECTS.items()
            for name in names
        },
    }
    options.result.write_text(json.dumps(outcome), encoding="utf-8")


if __name__ == "__main__":
    main()
