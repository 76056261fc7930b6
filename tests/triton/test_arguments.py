"""What the dialect says of arguments is true of the line, and of a Triton that takes them."""

from __future__ import annotations

import json
import shutil
import subprocess
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

from build_hooks.triton.configurations import Job
from build_hooks.triton.replay import PROJECT
from tests.triton.release import OLD, REFERENCES
from tests.triton.replay import interpreter, replay
from transforms.rules.triton.dialect import TRITON_3_1, Argument, Instead

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.triton

RUNTIME = PROJECT / "transforms" / "dialects" / "runtime" / "vllm"
NEW = REFERENCES["0.33.0"]
ADVICE = {
    "loop_unroll_factor": "4",
    "disallow_acc_multi_buffer": "True",
    "flatten": "True",
    "warp_specialize": "True",
    "disable_licm": "True",
}
"""For each keyword of `tl.range` that only advises the compiler a value."""
KERNELS = """
from vllm import wheelwright_triton
from vllm.triton_utils import tl, triton

@triton.jit
def row(p, DIM: tl.constexpr):
    at = tl.arange(0, 16)
    tl.store(p + tl.arange(0, 32), cat(tl.load(p + at), tl.load(p + 16 + at), dim=DIM))

@triton.jit
def halves(p, DIM: tl.constexpr):
    at = p + tl.arange(0, 16)[:, None] * 8 + tl.arange(0, 8)[None, :]
    both = cat(tl.load(at), tl.load(at + 128), dim=DIM)
    tl.store(p + tl.arange(0, 256), tl.reshape(both, [256]))

@triton.jit
def weights(p, DIM: tl.constexpr):
    at = p + tl.arange(0, 16)
    tl.store(at, softmax(tl.load(at), dim=DIM))

@triton.jit
def weights_of_rows(p, DIM: tl.constexpr):
    at = p + tl.arange(0, 16)[:, None] * 8 + tl.arange(0, 8)[None, :]
    tl.store(at, softmax(tl.load(at), dim=DIM))

@triton.jit
def weights_of_old(p, DIM: tl.constexpr):
    at = p + tl.arange(0, 16)[:, None] * 8 + tl.arange(0, 8)[None, :]
    tl.store(at, softmax(tl.load(at)))

"""
CALLS = [
    *(("row", dim) for dim in (0, -1)),
    *(("halves", dim) for dim in (0, 1, -1, -2)),
    *(("weights", dim) for dim in (None, 0, -1)),
    *(("weights_of_rows", dim) for dim in (None, 0, 1, -1)),
    ("weights_of_old", None),
]
"""The kernels, and the dimension that each is asked for."""
LACKED = [pytest.param(one, id=f"{one.function}-{one.name}") for one in TRITON_3_1.arguments]


def ask(triton: str, advice: list[str], folder: Path) -> dict[str, Any]:
    """Ask a Triton what it takes, and for the IR of a loop with each piece of advice."""
    given, result = folder / "given.json", folder / "result.json"
    functions = sorted({argument.function for argument in TRITON_3_1.arguments})
    given.write_text(json.dumps({"functions": functions, "advice": advice}), encoding="utf-8")
    command = [interpreter(triton), "-m", "tests.triton.advice", str(given), str(result)]
    subprocess.run(command, cwd=PROJECT, check=True)
    said: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    return said


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the line itself says."""
    return ask(OLD, [], tmp_path_factory.mktemp("old"))


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a Triton says that takes all the arguments."""
    advice = [f", {name}={value}" for name, value in ADVICE.items()]
    return ask(NEW, advice, tmp_path_factory.mktemp("new"))


@pytest.mark.parametrize("argument", LACKED)
def test_the_line_has_the_function_but_not_the_argument(
    argument: Argument, old: dict[str, Any], new: dict[str, Any]
) -> None:
    assert old["parameters"][argument.function]
    assert argument.name not in old["parameters"][argument.function]
    assert argument.name in new["parameters"][argument.function]


@pytest.mark.parametrize("argument", LACKED)
def test_a_position_is_another_argument_s_on_the_line(
    argument: Argument, old: dict[str, Any], new: dict[str, Any]
) -> None:
    at = new["parameters"][argument.function].index(argument.name)
    own = [name for name in old["parameters"][argument.function] if not name.startswith("_")]
    assert argument.position == (at if at < len(own) else None)


def test_every_argument_that_goes_is_advice() -> None:
    going = {one.name for one in TRITON_3_1.arguments if one.instead is Instead.NOTHING}
    assert going == ADVICE.keys()


@pytest.mark.parametrize("name", ADVICE)
def test_advice_is_an_attribute_of_the_loop_and_nothing_else(
    name: str, new: dict[str, Any]
) -> None:
    plain, few = new["loops"][""]
    advised, more = new["loops"][f", {name}={ADVICE[name]}"]
    assert advised == plain
    assert set(few) < set(more)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package whose kernels call Triton's own functions, and what stands in for them."""
    package = tmp_path_factory.mktemp("tree") / "vllm"
    shutil.copytree(RUNTIME, package)
    for module in ("__init__.py", "triton_utils.py"):
        (package / module).touch()
    (package / "own.py").write_text(f"{KERNELS}cat, softmax = tl.cat, tl.softmax\n")
    (package / "ours.py").write_text(
        f"{KERNELS}cat, softmax = wheelwright_triton._cat, wheelwright_triton._softmax\n"
    )
    return package


@pytest.mark.parametrize("triton", [OLD, NEW])
def test_what_stands_in_for_a_function_comes_to_the_same_ir_as_the_function(
    triton: str, tree: Path, tmp_path: Path
) -> None:
    configurations = list(product(CALLS, ("*fp32", "*bf16")))
    jobs = [
        Job(f"{module}.py::{kernel}", number, [["p", "t", pointer], ["DIM", "c", dim]])
        for module in ("own", "ours")
        for number, ((kernel, dim), pointer) in enumerate(configurations)
    ]
    attempts = replay(triton, tree, jobs, tmp_path / "replay").attempts
    own, ours = attempts[: len(configurations)], attempts[len(configurations) :]
    assert [each.error for each in ours] == [()] * len(ours)
    compiled = [(first, second) for first, second in zip(own, ours, strict=True) if first.compiled]
    assert [second.ttir for _, second in compiled] == [first.ttir for first, _ in compiled]
    # The line's own functions know of no `dim`.
    known = {first.ident.partition("::")[2] for first, _ in compiled}
    assert known == ({"weights_of_old"} if triton == OLD else {kernel for kernel, _ in CALLS})
