"""Whatever is edited, the patches that come of a diff give what `git apply` gives."""

from __future__ import annotations

import difflib
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.transforms.importers.hand_edits import WAYS, edited_modules
from tests.transforms.trees import MemoryTree
from transforms.importers.diffs.compiling import compile_series
from transforms.importers.diffs.errors import DiffError
from transforms.importers.diffs.names import Naming
from transforms.importers.diffs.parsing import parse_diff
from transforms.importers.diffs.series import Commit, apply_series

if TYPE_CHECKING:
    from pathlib import Path

PATH = "vllm/m.py"


def unified(before: bytes, after: bytes, context: int = 3) -> bytes:
    """Write a diff as Python's difflib does, which is not this project's."""
    old, new = (text.decode().splitlines(keepends=True) for text in (before, after))
    lines = difflib.unified_diff(old, new, f"a/{PATH}", f"b/{PATH}", n=context)
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline\n" for line in lines
    ).encode()


def commit(diff: bytes, origin: str = "change.patch") -> Commit:
    return Commit(origin=origin, subject="", body="", files=tuple(parse_diff(diff, Naming())))


def git_apply(folder: Path, before: bytes, *diffs: bytes) -> bytes | None:
    """Apply diffs with git; None where it refuses one."""
    file = folder / PATH
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(before)
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    for diff in diffs:
        done = subprocess.run(
            ["git", "apply", "-"], cwd=folder, input=diff, check=False, capture_output=True
        )
        if done.returncode:
            return None
    return file.read_bytes()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("git")


@settings(deadline=None, max_examples=10, suppress_health_check=list(HealthCheck))
@given(data=st.data(), context=st.integers(1, 4))
def test_a_diff_gives_the_bytes_of_git_apply(
    folder: Path, data: st.DataObject, context: int
) -> None:
    before, after = data.draw(st.sampled_from(WAYS).flatmap(edited_modules))
    diff = unified(before, after, context)
    applied = git_apply(folder, before, diff)
    series = apply_series([commit(diff)], MemoryTree.of({PATH: before}))
    if applied is None:
        assert series.failures
        return
    assert applied == after
    assert not series.failures
    compiled = compile_series([commit(diff)], series, "0.33.0")
    assert compiled.problems == ()
    assert compiled.files == {PATH: after}
    assert {row.became for row in compiled.rows} <= {"syntax", "text"}


@settings(deadline=None, max_examples=5, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_series_gives_the_bytes_of_git_apply(folder: Path, data: st.DataObject) -> None:
    before, middle = data.draw(st.sampled_from(WAYS).flatmap(edited_modules))
    lines = middle.decode().splitlines(keepends=True)
    at = data.draw(st.integers(0, len(lines) - 1))
    last = "".join([*lines[:at], "# once more\n", *lines[at:]]).encode()
    diffs = [unified(before, middle), unified(middle, last)]
    applied = git_apply(folder, before, *diffs)
    commits = [commit(diff, f"{number}.patch") for number, diff in enumerate(diffs)]
    series = apply_series(commits, MemoryTree.of({PATH: before}))
    assert not series.failures
    compiled = compile_series(commits, series, "0.33.0")
    if compiled.problems:
        # What no edits say is refused, and nothing is given.
        assert all("no edits give these bytes" in problem for problem in compiled.problems)
        assert (compiled.drafts, compiled.files) == ((), {})
        return
    assert applied == last
    assert compiled.files.get(PATH, before) == last


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_damaged_diff_is_applied_as_git_does_or_refused(
    folder: Path, data: st.DataObject
) -> None:
    before, after = data.draw(st.sampled_from(WAYS).flatmap(edited_modules))
    diff = bytearray(unified(before, after))
    at = data.draw(st.integers(0, len(diff) - 1))
    how = data.draw(st.sampled_from(["cut", "change", "repeat", "drop"]))
    if how == "cut":
        del diff[at:]
    elif how == "change":
        diff[at] = data.draw(st.integers(32, 126))
    elif how == "repeat":
        diff[at:at] = diff[at : at + 40]
    else:
        del diff[at : at + data.draw(st.integers(1, 40))]
    try:
        change = commit(bytes(diff))
        series = apply_series([change], MemoryTree.of({PATH: before}))
    except DiffError:
        return
    if series.failures or PATH not in series.layers:
        return
    assert series.layers[PATH].data() == git_apply(folder, before, bytes(diff))


@pytest.mark.parametrize(
    "names",
    [
        ("a/vllm/m.py", "b/ llm/m.py"),
        ("a/vllm/m.py", "b/m.py"),
        ("a/vllm/m.py", "b/vllm/m.py.new"),
        ("a/vllm/m.py", "b/vllm/much/deeper.py"),
        ("a/vllm/m.py.orig", "b/vllm/m.py"),
        ("a/old/place/of/it.py", "b/vllm/m.py"),
    ],
)
def test_of_two_names_the_one_is_meant_that_git_takes(folder: Path, names: tuple[str, str]) -> None:
    before, after = b"a = 1\nb = 2\n", b"a = 1\nb = 3\n"
    lines = unified(before, after).splitlines(keepends=True)
    diff = b"".join([f"--- {names[0]}\n+++ {names[1]}\n".encode(), *lines[2:]])
    series = apply_series([commit(diff)], MemoryTree.of({PATH: before}))
    made = None if series.failures else series.layers[PATH].data()
    assert made == git_apply(folder, before, diff)
