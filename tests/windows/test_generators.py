"""Marlin's kernel selector: on Windows the same branches as upstream's, and none in another."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import cache
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.windows.release import built_file, stock_file, tree

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.windows

RELEASES = ["0.14.1", "0.33.0"]
ARCHITECTURES = ["8.6", "7.5,8.6,8.9,12.0"]
MSVC_NESTS = 127
"""How deep MSVC nests blocks before C1061; an `else if` is one deeper than its `if`."""

CHAINS = "windows/msvc_else_if_chains"
WITHOUT_RM = "windows/generators_without_rm"
# The generator in a process that looks like Windows to it: what it imports is loaded before.
ON_WINDOWS = """
import glob, itertools, os, runpy, subprocess, sys
import jinja2
jinja2.Template("{{ x }}").render(x=1)
sys.platform = "win32"
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
ON_LINUX = ON_WINDOWS.replace('sys.platform = "win32"', "")
BRANCH = re.compile(
    r"^(else )?if \(([^()]*)\)\n  ((?:kernel = |(?:STD_)?TORCH_CHECK\().*?;)$",
    re.MULTILINE | re.DOTALL,
)


class Branch(NamedTuple):
    """One branch of the selector.

    Attributes:
        is_else: it is nested in the branch before.
        condition: what is compared with what.
        action: the statement.
    """

    is_else: bool
    condition: frozenset[tuple[str, str]]
    action: str


def generators(release: str) -> list[str]:
    """Name the generators of a release."""
    return sorted(path for path in tree(release) if path.endswith("/generate_kernels.py"))


CASES = [
    pytest.param(release, path, architectures, id=f"{release} {path} {architectures}")
    for release, path in (
        ("0.14.1", "csrc/quantization/gptq_marlin/generate_kernels.py"),
        ("0.14.1", "csrc/moe/marlin_moe_wna16/generate_kernels.py"),
        ("0.33.0", "csrc/quantization/marlin/generate_kernels.py"),
    )
    for architectures in ARCHITECTURES
]


@cache
def generated(script: bytes, program: str, architectures: str) -> Mapping[str, str]:
    """Run a generator, and give all files that it writes."""
    with TemporaryDirectory() as folder:
        return _run(Path(folder), script, program, architectures, os.environ)


def _run(
    folder: Path, script: bytes, program: str, architectures: str, environment: Mapping[str, str]
) -> Mapping[str, str]:
    (folder / "generate_kernels.py").write_bytes(script)
    command = [sys.executable, "-c", program, str(folder / "generate_kernels.py"), architectures]
    subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return {each.name: each.read_text() for each in folder.iterdir() if each.suffix != ".py"}


def branches(selector: str) -> list[Branch]:
    """Read the selector; all of it must be branches."""
    found = [
        Branch(
            is_else=bool(match[1]),
            condition=frozenset(_compared(part) for part in match[2].split(" && ")),
            action=" ".join(match[3].split()),
        )
        for match in BRANCH.finditer(selector)
    ]
    rest = BRANCH.sub("", selector)
    assert not re.sub(r"//.*", "", rest).strip()
    return found


def _compared(part: str) -> tuple[str, str]:
    variable, constant = part.split(" == ")
    return variable, constant


def nesting(found: list[Branch]) -> int:
    """Give how deep the deepest branch is nested."""
    deepest = depth = 0
    for branch in found:
        depth = depth + 1 if branch.is_else else 1
        deepest = max(deepest, depth)
    return deepest


@pytest.mark.parametrize(("release", "path", "architectures"), CASES)
def test_the_selector_has_upstreams_branches_side_by_side(
    release: str, path: str, architectures: str
) -> None:
    stock = generated(stock_file(release, path), ON_LINUX, architectures)
    ours = generated(built_file(release, path, CHAINS), ON_WINDOWS, architectures)
    upstreams, flat = (branches(each["kernel_selector.h"]) for each in (stock, ours))
    assert nesting(upstreams) == len(upstreams) > MSVC_NESTS
    assert nesting(flat) < 3, "the last branch may be the `else` of the one before"
    assert [branch[1:] for branch in flat] == [branch[1:] for branch in upstreams]
    kernels = [name for name in stock if name != "kernel_selector.h"]
    assert kernels
    assert all(ours[name] == stock[name] for name in kernels)
    assert len(ours) == len(stock)


@pytest.mark.parametrize(("release", "path", "architectures"), CASES)
def test_no_two_conditions_hold_at_once(release: str, path: str, architectures: str) -> None:
    """Then it makes no difference whether a branch is the `else` of those before."""
    files = generated(built_file(release, path, CHAINS), ON_WINDOWS, architectures)
    conditions = [dict(branch.condition) for branch in branches(files["kernel_selector.h"])]
    for one, other in combinations(conditions, 2):
        assert any(one[name] != other[name] for name in one.keys() & other.keys())


@pytest.mark.parametrize(("release", "path", "architectures"), CASES)
def test_on_linux_everything_stays_as_it_is(release: str, path: str, architectures: str) -> None:
    ours = built_file(release, path, CHAINS, WITHOUT_RM)
    stock = generated(stock_file(release, path), ON_LINUX, architectures)
    assert generated(ours, ON_LINUX, architectures) == stock


@pytest.mark.parametrize(("release", "path", "architectures"), CASES[::2])
def test_no_program_is_needed_to_remove_old_kernels(
    release: str, path: str, architectures: str, tmp_path: Path
) -> None:
    old = tmp_path / "sm80_kernel_of_an_older_release.cu"
    old.write_text("")
    nothing = {"PATH": str(tmp_path)}
    with pytest.raises(subprocess.CalledProcessError) as failure:
        _run(tmp_path, stock_file(release, path), ON_LINUX, architectures, nothing)
    assert "FileNotFoundError" in failure.value.stderr
    assert old.exists()
    ours = _run(tmp_path, built_file(release, path, WITHOUT_RM), ON_LINUX, architectures, nothing)
    assert ours == generated(stock_file(release, path), ON_LINUX, architectures)


@pytest.mark.parametrize("release", RELEASES)
def test_every_generator_is_among_them(release: str) -> None:
    found = {path for path in tree(release) if path.endswith("/generate_kernels.py")}
    assert found == {case.values[1] for case in CASES if case.values[0] == release}
