"""The tables of docs/windows.md name every patch of the platform, and tests that exist."""

from __future__ import annotations

import pytest

from build_hooks.lock import read_lock
from build_hooks.platforms import load_platform
from docs.windows_table import BEGIN, END, PLATFORM, RELEASES, page, read_items, sites_of
from tests.named_proofs import assert_exists
from transforms.edits import Patch, Replace

ITEMS = read_items()


def test_every_patch_of_the_platform_is_in_the_table() -> None:
    named = {stem for item in ITEMS for stem in item.patches}
    assert named == load_platform(PLATFORM).patches.keys()


def test_every_line_is_done_by_a_patch_or_says_why_not() -> None:
    assert [item.line for item in ITEMS if not (item.patches or item.note)] == []


def test_every_line_that_a_patch_does_names_what_proves_it() -> None:
    assert [item.line for item in ITEMS if item.patches and not item.proofs] == []


@pytest.mark.parametrize("proof", sorted({one for item in ITEMS for one in item.proofs}))
def test_every_test_that_is_named_exists(proof: str) -> None:
    assert_exists(proof)


def test_the_releases_that_are_shown_are_in_the_lock() -> None:
    assert set(RELEASES) <= set(read_lock().releases("vllm"))


def test_only_what_stands_between_the_markers_is_replaced() -> None:
    made = page(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    assert made.startswith(f"before\n{BEGIN}\n\n### ")
    assert made.endswith(f"\n\n{END}\nafter\n")
    assert page(made) == made


def test_sites_are_those_of_the_edits_that_are_in_force() -> None:
    def replace(count: int, versions: str = "") -> Replace:
        return Replace(inside="m", find="a", replace="b", count=count, versions=versions)

    patch = Patch(
        why="w",
        upstream="u",
        drop_when="d",
        versions=">=0.20",
        edits=[replace(1), replace(2, ">=0.30")],
    )
    assert sites_of([patch], "0.14.1") == "-"
    assert sites_of([patch], "0.20.0") == "1"
    assert sites_of([patch], "0.33.0") == "3"
    assert sites_of([patch, patch], "0.33.0") == "6"
