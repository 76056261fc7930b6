"""Whatever somebody changes by hand, the captured edits give the same bytes, and only once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transforms.importers.hand_edits import WAYS, edited_modules
from tests.transforms.trees import NAME, RELEASE, MemoryTree, one, patch
from transforms.engine.apply import apply_sites
from transforms.engine.match import match_patches
from transforms.engine.outcome import Status
from transforms.importers.capture import capture
from transforms.importers.patch_module import patch_module

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.edits import Patch
    from transforms.engine.edit import Edit


def captured(before: bytes, after: bytes) -> tuple[Edit, ...]:
    return capture("m.py", before, after, one(before), release=RELEASE).edits


def applied_to(edits: Sequence[Edit], tree: MemoryTree) -> bytes:
    patches = {NAME: patch(*edits)}
    outcomes = match_patches(patches, tree, RELEASE)
    assert [item.status for item in outcomes] == [Status.APPLIED], outcomes
    files = apply_sites(outcomes, tree)
    (file,) = files
    return file.after


@pytest.mark.parametrize("way", WAYS)
@settings(deadline=None, max_examples=4)
@given(data=st.data())
def test_what_was_captured_gives_the_same_bytes_and_only_once(
    way: str, data: st.DataObject
) -> None:
    before, after = data.draw(edited_modules(way))
    edits = captured(before, after)
    assert applied_to(edits, one(before)) == after
    (outcome,) = match_patches({NAME: patch(*edits)}, one(after), RELEASE)
    assert (outcome.status.is_good, outcome.sites) == (False, ())


@settings(deadline=None, max_examples=12)
@given(st.sampled_from(WAYS).flatmap(edited_modules))
def test_the_module_that_is_written_declares_the_same_edits(pair: tuple[bytes, bytes]) -> None:
    before, after = pair
    said = {"docstring": "d", "versions": "", "why": "w", "upstream": "u", "drop_when": "d"}
    text = patch_module(captured(before, after), **said)
    names: dict[str, Patch] = {}
    exec(compile(text, "patch.py", "exec"), names)  # noqa: S102 - ours
    assert applied_to(names["PATCH"].edits, one(before)) == after
