"""Diffs: what `git apply` makes of them is exactly what was spliced."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transforms.trees import RELEASE, one, patch
from transforms.edits import InsertAfter, Replace
from transforms.engine.apply import splice
from transforms.engine.diff import unified_diff
from transforms.engine.match import match_patches
from transforms.engine.site import Site

if TYPE_CHECKING:
    from pathlib import Path

_UNENDED = "\\ No newline at end of file\n"
_GIT = shutil.which("git")
_needs_git = pytest.mark.skipif(_GIT is None, reason="git is the oracle, and is not installed")
_LINES = st.lists(
    st.sampled_from(
        [b"a\n", b"b\n", b"same\n", b"\n", b"c\r\n", b"d\r", b"\xc3\xa9 x\n", b"\x0c\n", b"-- \n"]
    ),
    max_size=24,
)
_TEXTS = st.sampled_from(
    [b"", b"new", b"new\n", b"\n", b"a\n", b"x\r\ny", b"\\ No newline at end of file\n", b"+\n-\n"]
)


@st.composite
def _changes(draw: st.DrawFn) -> tuple[bytes, list[Site]]:
    """Make a file and sites that do not overlap; they may touch, or insert at one point."""
    mark = draw(st.sampled_from([b"", b"\xef\xbb\xbf"]))
    data = mark + b"".join(draw(_LINES)) + draw(st.sampled_from([b"", b"last"]))
    edges = st.one_of(st.integers(0, len(data)), st.just(len(data)))
    at = sorted(draw(st.lists(edges, max_size=8)))
    pairs = zip(at[::2], at[1::2], strict=False)
    return data, [_site(start, end, draw(_TEXTS)) for start, end in pairs]


def _site(start: int, end: int, text: bytes) -> Site:
    return Site(path="a.py", start=start, end=end, replacement=text, line=1)


def _git_apply(folder: Path, files: dict[str, bytes | None], diff: bytes) -> dict[str, bytes]:
    shutil.rmtree(folder, ignore_errors=True)
    for path, data in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if data is not None:
            target.write_bytes(data)
    if diff:
        nowhere = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        subprocess.run(
            [str(_GIT), "apply", "--whitespace=nowarn"],
            cwd=folder,
            input=diff,
            check=True,
            env={**os.environ, **nowhere, "GIT_CEILING_DIRECTORIES": str(folder.parent)},
        )
    return {path: (folder / path).read_bytes() for path in files}


@_needs_git
@settings(max_examples=60, deadline=None)
@given(changes=st.lists(_changes(), min_size=1, max_size=6))
def test_git_makes_of_a_diff_what_was_spliced(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[bytes, list[Site]]]
) -> None:
    files: dict[str, bytes | None] = {}
    wanted, diff = {}, b""
    for number, (data, sites) in enumerate(changes):
        path = f"pkg{number}/a.py"
        files[path], wanted[path] = data, splice(data, sites)
        diff += unified_diff(path, data, sites)
    folder = tmp_path_factory.getbasetemp() / "applied"
    assert _git_apply(folder, files, diff) == wanted


@_needs_git
@pytest.mark.parametrize("data", [b"", b"x", b"x\n", b"x\r\n\r\ny\r", b"\xef\xbb\xbfx\n"])
def test_git_adds_a_file_as_it_is(tmp_path: Path, data: bytes) -> None:
    diff = unified_diff("new/b.py", None, [_site(0, 0, data)])
    (tmp_path / "tree").mkdir()
    assert _git_apply(tmp_path / "tree", {"new/b.py": None}, diff) == {"new/b.py": data}


@_needs_git
def test_each_patch_of_a_file_applies_alone(tmp_path: Path) -> None:
    before = "import os\n\n\ndef f(a):\n    b = a\n    return b"
    tree = one(before)
    patches = {
        "p/a": patch(Replace(inside="m.f", find="b = a", replace="b = a + 1\nlog(b)")),
        "p/b": patch(InsertAfter(inside="m.f", anchor="b = a", code="b = b or a")),
        "p/c": patch(InsertAfter(inside="m", anchor="import os", code="import sys")),
        "p/d": patch(InsertAfter(inside="m.f", anchor="return b", code="raise E")),
    }
    for outcome in match_patches(patches, tree, RELEASE):
        assert outcome.status.is_good
        data = tree.files["m.py"]
        diff = unified_diff("m.py", data, outcome.sites)
        applied = _git_apply(tmp_path / "tree", {"m.py": data}, diff)
        assert applied == {"m.py": splice(data, outcome.sites)}
        assert applied["m.py"] != data


def test_three_lines_of_context_are_shown_and_near_changes_share_them() -> None:
    data = b"".join(b"%d\n" % number for number in range(1, 20))
    sites = [_site(data.index(b"5\n"), data.index(b"6\n"), b"five\n")]
    sites += [_site(data.index(b"11\n"), data.index(b"12\n"), b"")]
    sites += [_site(data.index(b"19\n"), data.index(b"19\n"), b"more\n")]
    assert unified_diff("pkg/a.py", data, sites).decode() == (
        "diff --git a/pkg/a.py b/pkg/a.py\n--- a/pkg/a.py\n+++ b/pkg/a.py\n"
        "@@ -2,13 +2,12 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n 9\n 10\n-11\n 12\n 13\n 14\n"
        "@@ -16,4 +15,5 @@\n 16\n 17\n 18\n+more\n 19\n"
    )


def test_what_changes_nothing_has_no_diff() -> None:
    assert unified_diff("a.py", b"a\nb\n", []) == b""
    assert unified_diff("a.py", b"a\nb\n", [_site(0, 1, b"a"), _site(2, 2, b"")]) == b""


@pytest.mark.parametrize(
    ("data", "site", "hunk"),
    [
        (
            b"a\nlast",
            _site(6, 6, b"\nnew"),
            "@@ -1,2 +1,3 @@\n a\n-last\n?+last\n+new\n?".replace("?", _UNENDED),
        ),
        (b"", _site(0, 0, b"a\nb\n"), "@@ -0,0 +1,2 @@\n+a\n+b\n"),
        (b"a\n", _site(0, 2, b""), "@@ -1 +0,0 @@\n-a\n"),
        (b"a\nb\n", _site(0, 4, b"x\nb\n"), "@@ -1,2 +1,2 @@\n-a\n+x\n b\n"),
        (b"a\nb\n", _site(0, 4, b"a\nx\nb\n"), "@@ -1,2 +1,3 @@\n a\n+x\n b\n"),
    ],
)
def test_a_diff_reads_as_gits_own(data: bytes, site: Site, hunk: str) -> None:
    """`git apply` would take more than `git diff` writes."""
    head = "diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n"
    assert unified_diff("a.py", data, [site]).decode() == head + hunk


def test_lines_that_a_replacement_keeps_are_not_shown_as_changed() -> None:
    diff = unified_diff("a.py", b"if a:\n    b\n", [_site(0, 11, b"if a:\n    b\n    c")])
    assert diff.endswith(b"@@ -1,2 +1,3 @@\n if a:\n     b\n+    c\n")
