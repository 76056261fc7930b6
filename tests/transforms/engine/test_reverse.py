"""A diff that is taken back gives the very bytes from before, or is refused."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.engine.apply import splice
from transforms.engine.diff import unified_diff
from transforms.engine.reverse import DiffError, parsed_diff
from transforms.engine.site import Site

if TYPE_CHECKING:
    from pathlib import Path

PATH = "vllm/a b.py"
PIECES = st.lists(st.sampled_from([b"a\n", b"b\r\n", b"\n", b"-- x\n", b"+", b"\x0c", b"\\ No"]))


def site(start: int, end: int, text: bytes) -> Site:
    return Site(path=PATH, start=start, end=end, replacement=text, line=1)


@st.composite
def edits(draw: st.DrawFn) -> tuple[bytes, list[Site]]:
    """Draw a file and changes of it."""
    data = b"".join(draw(PIECES))
    points = sorted(draw(st.lists(st.integers(0, len(data)), max_size=8)))
    pairs = zip(points[::2], points[1::2], strict=False)
    return data, [site(start, end, b"".join(draw(PIECES))) for start, end in pairs]


@given(edits())
def test_what_a_diff_has_made_goes_back(drawn: tuple[bytes, list[Site]]) -> None:
    before, sites = drawn
    diff = unified_diff(PATH, before, sites)
    files = parsed_diff(diff)
    assert len(files) == bool(diff)
    for file in files:
        assert (file.path, file.adds_file) == (PATH, False)
        assert file.taken_back(splice(before, sites)) == before


@given(st.binary())
def test_an_added_file_goes_back_to_nothing(data: bytes) -> None:
    (file,) = parsed_diff(unified_diff(PATH, None, [site(0, 0, data)]))
    assert file.adds_file
    assert file.taken_back(data) == b""


@given(edits(), st.data())
def test_a_file_that_was_edited_where_the_diff_is_is_refused(
    drawn: tuple[bytes, list[Site]], data: st.DataObject
) -> None:
    before, sites = drawn
    after = splice(before, sites)
    at = data.draw(st.integers(0, len(after)))
    edited = after[:at] + b"edited" + after[at:]
    for file in parsed_diff(unified_diff(PATH, before, sites)):
        try:
            taken = file.taken_back(edited)
        except DiffError:
            continue
        # It was edited elsewhere, where the diff does not look.
        assert b"edited" in taken
        assert taken != before


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@given(edits())
@settings(deadline=None, max_examples=25)
def test_git_takes_it_back_to_the_same(
    tmp_path_factory: pytest.TempPathFactory, drawn: tuple[bytes, list[Site]]
) -> None:
    before, sites = drawn
    diff = unified_diff(PATH, before, sites)
    folder: Path = tmp_path_factory.mktemp("git")
    target = folder / PATH
    target.parent.mkdir()
    target.write_bytes(splice(before, sites))
    if diff:
        command = ["git", "apply", "-R", "--whitespace=nowarn", "--unsafe-paths"]
        subprocess.run(command, cwd=folder, input=diff, check=True, capture_output=True)
        (file,) = parsed_diff(diff)
        assert file.taken_back(splice(before, sites)) == target.read_bytes()


GOOD = unified_diff(PATH, b"a\nb\nc\n", [site(2, 3, b"B")])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"diff --git a/vllm", b"diff --git a/other", "line 1 begins no diff of a file"),
        (b"--- a/vllm", b"--- a/other", "line 2 does not name the file"),
        (b"@@ -1,3 +1,3 @@", b"@@ -1,3 +1,4 @@", "line 9 is none of a hunk of so many"),
        (b"@@ -1,3 +1,3 @@", b"@@ -1 1 @@", "line 4 begins no hunk"),
        (b"-b\n", b"", "line 8 is none of a hunk of so many"),
        (b"+B\n", b"*B\n", "line 7 is none of a hunk"),
        (b" c\n", b" c\n d\n", "line 9 begins no hunk"),
    ],
)
def test_another_form_is_refused(old: bytes, new: bytes, said: str) -> None:
    assert GOOD.count(old) == 1
    with pytest.raises(DiffError, match=said):
        parsed_diff(GOOD.replace(old, new))


def test_hunks_out_of_order_are_refused() -> None:
    head, hunk = GOOD.split(b"@@", 1)
    (file,) = parsed_diff(head + b"@@" + hunk + b"@@" + hunk)
    with pytest.raises(DiffError, match="line 1 is not what the diff has made"):
        file.taken_back(b"a\nB\nc\n")
