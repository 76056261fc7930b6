"""What lies outside of the sites is upstream's, or it is said."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build_hooks.verification.sites import against_listed, same_outside, sites_of

NOTICE = b"# Modified by vllm-wheelwright for musa: see `python -m vllm.wheelwright`.\n"
BEFORE = b"# first\na = 1\nb = 2\nc = 3\n"
SITES = [(12, 13), (18, 19)]
AFTER = b"# first\n" + NOTICE + b"a = 10\nb = 20\nc = 3\n"


@pytest.mark.parametrize(
    ("after", "same"),
    [
        (AFTER, True),
        (AFTER.replace(NOTICE, b""), True),
        (AFTER.replace(b"c = 3", b"c = 4"), False),
        (AFTER.replace(b"# first", b"# First"), False),
        (AFTER + b"\n", False),
        (AFTER.replace(b"b =", b"d ="), False),
        (AFTER.replace(NOTICE, b"import os  " + NOTICE), False),
        (AFTER.replace(NOTICE, NOTICE + NOTICE), False),
        (AFTER[:-1], False),
    ],
)
def test_finds_what_differs_outside(after: bytes, *, same: bool) -> None:
    assert same_outside("vllm/a.py", BEFORE, after, SITES) is same


def test_without_sites_nothing_may_differ() -> None:
    assert same_outside("vllm/a.py", BEFORE, BEFORE, [])
    assert not same_outside("vllm/a.py", BEFORE, BEFORE + b"more = 1\n", [])


@given(before=st.binary(max_size=40), texts=st.lists(st.binary(max_size=5)), data=st.data())
def test_what_sites_write_is_never_outside(
    before: bytes, texts: list[bytes], data: st.DataObject
) -> None:
    sites, pieces, done = [], [], 0
    for text in texts:
        start = data.draw(st.integers(done, len(before)))
        end = data.draw(st.integers(start, len(before)))
        sites.append((start, end))
        pieces += [before[done:start], text]
        done = end
    assert same_outside("vllm/a.bin", before, b"".join([*pieces, before[done:]]), sites)


def test_names_a_file_that_was_another_before() -> None:
    file: dict[str, Any] = {"path": "vllm/a.py", "sha256_before": None}
    manifest = {
        "patches": [{"files": [{"path": "vllm/a.py", "sites": [{"start": 3, "end": 4}]}] * 2}]
    }
    assert sites_of(manifest, "vllm/a.py") == [(3, 4)]
    assert list(against_listed(file, manifest, None, b"")) == []
    (problem,) = against_listed(file, manifest, b"", b"")
    assert problem.problem == "is listed with another file than upstream's before"
