"""Diffs are taken back as `git apply --reverse` does it, and no byte of one can change unseen."""

from __future__ import annotations

import random
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build_hooks.verification.reversal import DiffError, taken_back
from transforms.engine.diff import unified_diff
from transforms.engine.site import Site

if TYPE_CHECKING:
    from pathlib import Path

PATH = "vllm/E=1, N=2.py"
BEFORE = b"".join(b"line %d\n" % number for number in range(40))
TEXTS = st.text(alphabet="ab\n\r\x0c ", max_size=60).map(str.encode)


def site(start: int, end: int, text: bytes, before: bytes = BEFORE) -> Site:
    line = before[:start].count(b"\n") + 1
    return Site(path=PATH, start=start, end=end, replacement=text, line=line)


def after(before: bytes, *sites: Site) -> bytes:
    pieces, done = [], 0
    for each in sites:
        pieces += [before[done : each.start], each.replacement]
        done = each.end
    return b"".join([*pieces, before[done:]])


SITES = (site(10, 14, b"X\nY\n"), site(60, 60, b"new"), site(200, 230, b""))
DIFF = unified_diff(PATH, BEFORE, SITES)
AFTER = after(BEFORE, *SITES)


@given(before=TEXTS, text=TEXTS, data=st.data())
def test_gives_back_what_was_before(before: bytes, text: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(before)))
    end = data.draw(st.integers(start, len(before)))
    one = site(start, end, text, before)
    diff = unified_diff(PATH, before, [one])
    assert taken_back(diff, {PATH: after(before, one)}) == ({PATH: before} if diff else {})


@given(text=TEXTS)
def test_an_added_file_was_not_there(text: bytes) -> None:
    diff = unified_diff(PATH, None, [site(0, 0, text, b"")])
    assert taken_back(diff, {PATH: text}) == {PATH: None}


def test_gives_what_git_gives(tmp_path: Path) -> None:
    added = unified_diff("vllm/added.py", None, [site(0, 0, b"a = 1", b"")])
    (tmp_path / "vllm").mkdir()
    (tmp_path / PATH).write_bytes(AFTER)
    (tmp_path / "vllm/added.py").write_bytes(b"a = 1")
    subprocess.run(["git", "apply", "-R", "-"], cwd=tmp_path, input=DIFF + added, check=True)
    found = taken_back(DIFF + added, {PATH: AFTER, "vllm/added.py": b"a = 1"})
    assert found == {PATH: BEFORE, "vllm/added.py": None}
    assert (tmp_path / PATH).read_bytes() == BEFORE
    assert not (tmp_path / "vllm/added.py").exists()


def test_no_byte_of_a_diff_or_of_what_it_wrote_changes_unseen() -> None:
    chosen = random.Random(5)  # noqa: S311 - not a secret
    for place in range(len(DIFF)):
        flipped = bytearray(DIFF)
        flipped[place] ^= 1 << chosen.randrange(8)
        try:
            found = taken_back(bytes(flipped), {PATH: AFTER})
        except DiffError:
            continue
        assert found != {PATH: BEFORE}, (place, DIFF[place : place + 20])


@pytest.mark.parametrize(
    ("diff", "files", "why"),
    [
        (b"x\n", {}, "is malformed in line 1: b'x"),
        (DIFF, {}, "which is not there behind it"),
        (DIFF + DIFF, {PATH: AFTER}, "twice"),
        (DIFF, {PATH: BEFORE}, "is not what changed"),
        (DIFF.replace(b"@@ -1,", b"@@ -2,"), {PATH: AFTER}, "misplaces what it changed"),
        (DIFF.replace(b"@@ -1,", b"@@ -01,"), {PATH: AFTER}, "is malformed"),
        (DIFF.partition(b"@@")[0], {PATH: AFTER}, "is malformed"),
        (DIFF.replace(b"--- a/", b"--- b/"), {PATH: AFTER}, "is malformed in line 2"),
        (DIFF.replace(PATH.encode(), b"\xff"), {}, "is not UTF-8"),
        (
            unified_diff("n", None, [site(0, 0, b"a\n", b"")]),
            {"n": b"a\nb\n"},
            "does not add all of n",
        ),
    ],
)
def test_says_why_a_diff_cannot_be_taken_back(
    diff: bytes, files: dict[str, bytes], why: str
) -> None:
    with pytest.raises(DiffError, match=why.replace("(", r"\(")):
        taken_back(diff, files)
