"""Apply a patch to a few lines like upstream's, and run them with stubs.

For releases that are not imported in the guard tests, this is where their functions are executed:
alone, cut down to what the guard is about, on a platform that is played by a stub.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from textwrap import dedent
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from transforms.engine.apply import apply_sites
from transforms.engine.match import match_patches
from transforms.engine.outcome import Status
from transforms.engine.patch import admits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.edits import Patch


@dataclass(frozen=True, slots=True)
class _Tree:
    files: dict[str, bytes]

    def __contains__(self, path: object) -> bool:
        return path in self.files

    def __iter__(self) -> Iterator[str]:
        return iter(self.files)

    def read(self, path: str) -> bytes:
        return self.files[path]


def patched(patch: Patch, release: str, module: str, before: str) -> str:
    """Apply those edits of a patch that are for one module of a release.

    Args:
        patch: the patch.
        release: the release that the lines are taken to be from.
        module: its dotted name.
        before: its text.

    Returns:
        The new text. A second run on it has found nothing to do.
    """
    path = f"{module.replace('.', '/')}.py"
    edits = [
        edit
        for edit in patch.edits
        if getattr(edit, "inside", "").startswith(module) or getattr(edit, "path", "") == path
        if admits(edit.versions, release)
    ]
    assert edits, f"no edit is for {module} of {release}"
    alone = {"platform/patch": replace(patch, edits=edits)}
    tree = _Tree({path: dedent(before).encode()})
    (outcome,) = match_patches(alone, tree, release)
    assert outcome.status is Status.APPLIED, outcome.problems
    (file,) = apply_sites([outcome], tree)
    (again,) = match_patches(alone, _Tree({path: file.after}), release)
    assert not again.sites, "a second run changes the result"
    return file.after.decode()


def status_on(patch: Patch, release: str) -> Status:
    """Give the outcome on a release of which no file is there."""
    (outcome,) = match_patches({"platform/patch": patch}, _Tree({}), release)
    return outcome.status


def run(text: str, **names: object) -> SimpleNamespace:
    """Execute a module's text with these names bound, and give all its names."""
    scope: dict[str, Any] = dict(names)
    exec(compile(text, "excerpt", "exec"), scope)  # noqa: S102 - it is the test's own text
    return SimpleNamespace(**scope)
