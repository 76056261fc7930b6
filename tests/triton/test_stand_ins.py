"""What stands in for names that old Triton lacks gives the same bits, and compiles on it."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from build_hooks.triton.replay import PROJECT
from tests.triton.numerics.interpretation import site_packages, torch_interpreter
from tests.triton.release import OLD
from tests.triton.replay import interpreter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

pytestmark = pytest.mark.triton

NEW = "3.9.0"
COMPUTED = 51
COMPILED = 37
# Upstream's kernels say `tl.core.sub`, which Triton's own interpreter does not exchange.
NOT_INTERPRETED = "sub around the end of uint32"


def run(
    program: str, python: str, folder: Path, options: Sequence[str] = (), **variables: str
) -> dict[str, str]:
    """Run one of the programs, and give what it says of each of its cases."""
    result = folder / "result.json"
    done = subprocess.run(
        [python, "-m", f"tests.triton.stand_ins.{program}", str(result), *options],
        cwd=PROJECT,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
        | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said: dict[str, str] = json.loads(result.read_text(encoding="utf-8"))["results"]
    return said


def computed(version: str, folder: Path, *options: str) -> dict[str, str]:
    """Run the kernels on the interpreter of a Triton."""
    return run(
        "computing",
        torch_interpreter(),
        folder,
        options,
        PYTHONPATH=site_packages(interpreter(version)),
        TRITON_INTERPRET="1",
        CUDA_VISIBLE_DEVICES="",
    )


@pytest.mark.parametrize("version", [OLD, NEW])
def test_stand_ins_compute_what_numpy_does_bit_by_bit(version: str, tmp_path: Path) -> None:
    said = computed(version, tmp_path)
    assert len(said) == COMPUTED
    assert {case: what for case, what in said.items() if what != "equal"} == {}


def test_what_they_stand_in_for_computes_the_same(tmp_path: Path) -> None:
    said = computed(NEW, tmp_path, "--own")
    assert len(said) == COMPUTED
    assert {case for case, what in said.items() if what != "equal"} == {NOT_INTERPRETED}


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return run("compiling", interpreter(OLD), tmp_path_factory.mktemp("compiled"))


def test_old_triton_compiles_them_and_the_kernels_around_dead_branches(
    compiled: dict[str, str],
) -> None:
    assert sum(what == "compiled" for what in compiled.values()) == COMPILED


@pytest.mark.parametrize(
    ("case", "says"),
    [
        ("described fp32 fp32 taken=True", "tl.make_tensor_descriptor needs Triton 3.4 or later"),
        ("scaled fp32 taken=True", "tl.dot_scaled needs Triton 3.2 or later"),
        ("topk fp32 fp32 n=64 k=16", "this stand-in for tl.topk takes integers"),
        ("topk i16 i16 n=64 k=16", "this stand-in for tl.topk takes integers of 32 or 64 bits"),
    ],
)
def test_what_it_cannot_do_is_said_where_it_is_compiled(
    compiled: dict[str, str], case: str, says: str
) -> None:
    assert says in compiled[case]
