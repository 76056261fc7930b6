"""A real Triton in its own interpreter, on a package of a few kernels."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from build_hooks.triton.comparison import Comparison
from build_hooks.triton.configurations import Configurations, Job
from build_hooks.triton.environment import probe
from build_hooks.triton.kernels import kernels_of
from build_hooks.triton.replay import HOPPER, Compiler, RunnerError, replay
from build_hooks.triton.report import State, Subject, make_report
from tests.triton.release import OLD
from tests.triton.replay import interpreter

if TYPE_CHECKING:
    from pathlib import Path

    from build_hooks.triton.replay import Replay, Target
    from build_hooks.triton.report import Report

pytestmark = pytest.mark.triton

KERNELS = """\
import torch
from vllm.triton_utils import tl, triton
from vllm.platforms import current_platform
import nowhere_to_be_found

LIMIT = torch.finfo(torch.float16).max


@triton.jit
def helper(x):
    return x + 1.0


@triton.jit
def plain(p, n: tl.constexpr):
    tl.store(p + tl.arange(0, n), helper(tl.load(p + tl.arange(0, n))))


@triton.jit
def annotated(p, n: tl.constexpr):
    x: tl.float32 = tl.load(p)
    tl.store(p, x)


@triton.jit(do_not_specialize_on_alignment=["n"])
def optioned(p, n):
    tl.store(p, n)


@triton.jit
def dead_branch(p, n: tl.constexpr):
    if n < 0:
        tl.gather(p, p, 0)
    tl.store(p, 1.0)


@triton.jit
def aborts(p, x):
    tl.store(p, x.to(tl.float8e4nv).to(tl.uint8, bitcast=True))


@triton.jit
def alone(p):
    pass
"""
CONFIGURATIONS: dict[str, list[Any]] = {
    "plain": [["p", "t", "*fp32"], ["n", "c", 16]],
    "annotated": [["p", "t", "*fp32"], ["n", "c", 16]],
    "optioned": [["p", "t", "*i32"], ["n", "t", "i32"]],
    "dead_branch": [["p", "t", "*fp32"], ["n", "c", 16]],
    "aborts": [["p", "t", "*u8"], ["x", "t", "fp32"]],
}
JOBS = [
    Job(f"ops.py::{name}", number, config)
    for number, (name, config) in enumerate(CONFIGURATIONS.items())
]


def write(folder: Path, **files: str) -> Path:
    """Write a package that looks like vLLM to a kernel."""
    package = folder / "vllm"
    (package / "triton_utils").mkdir(parents=True)
    for path in ("__init__.py", "triton_utils/__init__.py", "platforms.py"):
        (package / path).write_text("raise SystemExit('never executed')\n", encoding="utf-8")
    for name, text in files.items():
        (package / f"{name}.py").write_text(dedent(text), encoding="utf-8")
    return package


def run(package: Path, folder: Path, target: Target = HOPPER) -> Replay:
    return replay(Compiler(interpreter(OLD), target), package, JOBS, folder)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """Compile upstream's package, and one in which the annotation is gone."""
    folder = tmp_path_factory.mktemp("kernels")
    before = write(folder / "before", ops=KERNELS)
    lowered = "# A notice shifts lines.\n" + KERNELS.replace("x: tl.float32 =", "x =")
    after = write(folder / "after", ops=lowered)
    compared = Comparison(run(before, folder / "1"), run(after, folder / "2"))
    subject = Subject(release="0", platforms=["musa"], triton=OLD, target=HOPPER)
    return make_report(subject, kernels_of(before), Configurations(jobs=JOBS), compared)


def test_a_real_interpreter_says_its_triton() -> None:
    assert probe(interpreter(OLD)).triton == OLD


def test_each_kernel_stops_where_the_compiler_stops(report: Report) -> None:
    found = {
        one.found.qualname: (one.before.first_stop, one.after.first_stop)
        for one in report.functions
    }
    features = {
        name: tuple(stop.feature if stop else "" for stop in stops) for name, stops in found.items()
    }
    option = "triton.jit(do_not_specialize_on_alignment=)"
    assert features == {
        "helper": ("", ""),
        "plain": ("", ""),
        "annotated": ("an annotated assignment", ""),
        "optioned": (option, option),
        "dead_branch": ("tl.gather", "tl.gather"),
        "aborts": ("a scalar converted to float8", "a scalar converted to float8"),
        "alone": ("", ""),
    }
    assert all(stop is None or stop.known for stops in found.values() for stop in stops)


def test_what_a_kernel_calls_is_compiled_through_it(report: Report) -> None:
    states = {one.found.qualname: (one.after.state, one.after.through) for one in report.functions}
    assert states["helper"] == (State.THROUGH, "ops.py::plain")
    assert states["dead_branch"] == (State.COMPILES, "")
    assert states["alone"] == (State.UNRECORDED, "")


def test_a_module_of_our_own_that_fails_ends_the_runner(tmp_path: Path) -> None:
    broken = write(tmp_path, ops=KERNELS, wheelwright_triton="raise LookupError('a mistake')\n")
    with pytest.raises(RunnerError, match="LookupError: a mistake"):
        run(broken, tmp_path / "w")


def test_a_module_of_our_own_is_executed_as_a_whole(tmp_path: Path) -> None:
    own = """\
    from vllm.triton_utils import tl, triton

    @triton.jit
    def helper(x):
        return x + 1.0
    """
    text = KERNELS.replace("helper(tl.load", "wheelwright_triton.helper(tl.load").replace(
        "import nowhere", "from vllm import wheelwright_triton\nimport nowhere"
    )
    found = run(write(tmp_path, ops=text, wheelwright_triton=own), tmp_path / "w")
    assert "wheelwright_triton.py::helper" in found.reached


def test_a_target_that_nobody_compiles_for_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunnerError, match=r"cannot compile for .*its backends: amd, nvidia"):
        run(write(tmp_path, ops=KERNELS), tmp_path / "w", ("musa", 31, 32))
