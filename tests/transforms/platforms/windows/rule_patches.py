"""Apply a patch that is a rule to a few files like upstream's."""

from __future__ import annotations

from dataclasses import replace
from textwrap import dedent
from typing import TYPE_CHECKING

from tests.transforms.trees import MemoryTree
from transforms.edits import ApplyRule
from transforms.engine.apply import apply_sites
from transforms.engine.match import match_patches
from transforms.engine.outcome import Status
from transforms.engine.patch import admits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from transforms.edits import Patch
    from transforms.engine.outcome import Outcome


def outcome_of(
    patch: Patch, release: str, files: Mapping[str, str], sites: int
) -> tuple[Outcome, MemoryTree]:
    """Match a patch on files of a release, as if so many sites had been reviewed there.

    Args:
        patch: the patch; all of its edits are rules.
        release: the release that the files are taken to be from.
        files: text by path.
        sites: how many sites are expected.
    """
    edits = []
    for edit in patch.edits:
        assert isinstance(edit, ApplyRule)
        edits.append(replace(edit, expected={release: sites}))
    tree = MemoryTree.of({path: dedent(text).encode() for path, text in files.items()})
    (outcome,) = match_patches({"windows/patch": replace(patch, edits=edits)}, tree, release)
    return outcome, tree


def patched(patch: Patch, release: str, files: Mapping[str, str], sites: int) -> dict[str, str]:
    """Give the files that a patch changes, by path; see `outcome_of` for the arguments."""
    outcome, tree = outcome_of(patch, release, files, sites)
    assert outcome.status is Status.APPLIED, outcome.problems
    return {file.path: file.after.decode() for file in apply_sites([outcome], tree)}


def reviewed(patch: Patch, release: str) -> int:
    """Give the number of sites that were reviewed for a release."""
    numbers = {
        edit.expected[release]
        for edit in patch.edits
        if isinstance(edit, ApplyRule) and admits(edit.versions, release)
    }
    (number,) = numbers
    return number
