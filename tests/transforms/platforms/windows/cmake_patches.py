"""Apply the platform's CMake patches to a few lines like upstream's."""

from __future__ import annotations

from dataclasses import replace
from textwrap import dedent
from typing import TYPE_CHECKING

from tests.transforms.trees import MemoryTree
from transforms.engine.apply import apply_sites
from transforms.engine.match import match_patches
from transforms.engine.outcome import Status
from transforms.engine.patch import admits

if TYPE_CHECKING:
    from transforms.edits import Patch


def patched(patch: Patch, release: str, before: str, path: str = "CMakeLists.txt") -> str:
    """Apply those edits of a patch that are for one file of a release, once and then again.

    Args:
        patch: the patch.
        release: the release that the lines are taken to be from.
        before: the file's text.
        path: the file.

    Returns:
        The new text; the second time there was nothing to do.
    """
    edits = [
        edit
        for edit in patch.edits
        if getattr(edit, "path", "") == path and admits(edit.versions, release)
    ]
    assert edits, f"no edit is for {path} of {release}"
    alone = {"platform/patch": replace(patch, edits=edits)}
    tree = MemoryTree.of({path: dedent(before)})
    (outcome,) = match_patches(alone, tree, release)
    assert outcome.status is Status.APPLIED, outcome.problems
    (file,) = apply_sites([outcome], tree)
    (again,) = match_patches(alone, MemoryTree.of({path: file.after}), release)
    assert (again.status, again.sites) == (Status.OBSOLETE, ())
    return file.after.decode()
