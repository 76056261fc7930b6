"""The diffs of several patches to one file are a series that `git apply` takes in its order."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from build_hooks.manifest import make_diffs
from transforms.engine.apply import apply_sites
from transforms.engine.outcome import Outcome, Status
from transforms.engine.site import Site

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

PATH = "vllm/file.py"
# The notice goes below the comments that a file begins with; patches change what follows.
HEADER = b"# first\n"
PATCHES = ("musa/one", "musa/two", "profile/three")
LINES = st.lists(st.sampled_from(["a = 1", "", "b = 2  # b", "ccc()"]), max_size=20)
# Cuts of a file into pieces; every other piece is a site, with the patch that writes it.
CUTS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=8)
TEXTS = st.sampled_from([b"", b"x", b"new = 1\n", b"one\ntwo\n", b"\n"])
NEW = st.lists(st.tuples(st.sampled_from(PATCHES), TEXTS), min_size=8, max_size=8)


class Tree(dict[str, bytes]):
    """A tree in memory."""

    def read(self, path: str) -> bytes:
        """Give one file's bytes."""
        return self[path]


def outcomes(
    text: bytes, cuts: list[tuple[int, int]], new: list[tuple[str, bytes]]
) -> list[Outcome]:
    sites: dict[str, list[Site]] = {}
    at = len(HEADER)
    for (gap, length), (patch, replacement) in zip(cuts, new, strict=False):
        start, end = min(at + gap, len(text)), min(at + gap + length, len(text))
        if replacement or start != end:
            site = Site(path=PATH, start=start, end=end, replacement=replacement, line=1)
            sites.setdefault(patch, []).append(site)
        at = end
    return [
        Outcome(patch=patch, status=Status.APPLIED, sites=tuple(sites[patch]))
        for patch in sorted(sites)
    ]


@given(lines=LINES, ended=st.booleans(), cuts=CUTS, new=NEW)
@settings(deadline=None, max_examples=40)
def test_a_series_leads_from_upstream_to_what_is_shipped(
    *, lines: list[str], ended: bool, cuts: list[tuple[int, int]], new: list[tuple[str, bytes]]
) -> None:
    before = HEADER + "\n".join([*lines, "last"]).encode() + b"\n" * ended
    done = outcomes(before, cuts, new)
    files = apply_sites(done, Tree({PATH: before}), notice="a notice")
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / PATH
        target.parent.mkdir()
        target.write_bytes(before)
        subprocess.run(["git", "init", "-q", folder], check=True)
        for name, diff in make_diffs(done, files).items():
            applied = subprocess.run(
                ["git", "apply", "--whitespace=nowarn"],
                cwd=folder,
                input=diff,
                capture_output=True,
                check=False,
            )
            assert applied.returncode == 0, (name, diff, applied.stderr)
        assert [target.read_bytes()] == [file.after for file in files] or not files
