"""Real diffs become typed patches that give the bytes of `git apply`: UCM's, and upstream's own."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from docs.diffs_of_ucm import PATCHES, import_patch
from docs.diffs_of_upstream import try_all
from docs.diffs_page import PAGE, page

if TYPE_CHECKING:
    from docs.diffs_of_ucm import Imported
    from docs.diffs_of_upstream import Tried

pytestmark = pytest.mark.upstream


@pytest.fixture(scope="module")
def ucm() -> list[Imported]:
    return [import_patch(*item) for item in PATCHES]


@pytest.fixture(scope="module")
def tried() -> list[Tried]:
    return list(try_all())


def test_every_patch_of_ucm_gives_the_bytes_of_git_apply(ucm: list[Imported]) -> None:
    assert len(ucm) == 10
    for item in ucm:
        assert item.made == item.applied, (item.plugin, item.release, item.name)
        assert item.made
    assert sum(len(item.rows) for item in ucm) > 700


def test_most_of_ucms_hunks_become_syntax(ucm: list[Imported]) -> None:
    found = sum((Counter(row.became for row in item.rows) for item in ucm), Counter[str]())
    assert found["syntax"] > 3 * found["text"]
    assert found["left out"] == 0


def test_upstreams_changes_come_out_byte_for_byte_or_are_refused(tried: list[Tried]) -> None:
    assert len(tried) >= 200
    for item in tried:
        assert item.identical != bool(item.refused), item
    refused = [item.refused for item in tried if item.refused]
    assert len(refused) < len(tried) / 10
    assert all(re.search("it is binary|it is deleted", reason) for reason in refused), refused


def test_the_page_says_what_was_found(ucm: list[Imported], tried: list[Tried]) -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert page(written, ucm, tried) == written, "run `python docs/diffs_page.py`"
