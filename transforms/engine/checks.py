"""Checks on the edited files: they compile, and matching again finds nothing left to do."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING

from transforms.engine.apply import apply_sites
from transforms.engine.match import match_patches

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from transforms.engine.apply import EditedFile
    from transforms.engine.patch import Patch
    from transforms.engine.source import Tree


def check_edited(
    files: Sequence[EditedFile], patches: Mapping[str, Patch], tree: Tree, release: str
) -> list[str]:
    """Check what was written.

    Args:
        files: all touched files.
        patches: all patches by full name.
        tree: the pristine tree.
        release: the vLLM version of the tree.

    Returns:
        One line for each failure, empty where all is well.
    """
    return [*_uncompilable(files), *_not_settled(files, patches, tree, release)]


def _uncompilable(files: Sequence[EditedFile]) -> Iterator[str]:
    for file in files:
        if file.path.endswith(".py"):
            try:
                with warnings.catch_warnings():
                    # Upstream's own invalid escapes are upstream's to mend.
                    warnings.simplefilter("ignore")
                    compile(file.after, file.path, "exec", dont_inherit=True)
            except (SyntaxError, ValueError) as error:
                patches = ", ".join(sorted({patch for patch, _ in file.sites}))
                yield f"{file.path} does not compile after {patches}: {error}"


def _not_settled(
    files: Sequence[EditedFile], patches: Mapping[str, Patch], tree: Tree, release: str
) -> Iterator[str]:
    """Match every patch on the edited tree: each that acted must find its work done.

    Where others have changed its surroundings, each edit must find its work done where it acted
    alone.
    """
    acted = {patch for file in files for patch, _ in file.sites} & set(patches)
    edited = _EditedTree(files, tree)
    for outcome in match_patches({name: patches[name] for name in acted}, edited, release):
        for edit in patches[outcome.patch].edits if outcome.sites else ():
            alone = {outcome.patch: replace(patches[outcome.patch], edits=[edit])}
            written = apply_sites(match_patches(alone, tree, release), tree)
            (again,) = match_patches(alone, _EditedTree(written, tree), release)
            if again.sites:
                places = ", ".join(f"{site.path}:{site.line}" for site in again.sites)
                yield f"{again.patch}: it would act again on the edited files: {places}"


class _EditedTree:
    """The touched files as they are now, and the names of all others."""

    def __init__(self, files: Sequence[EditedFile], tree: Tree) -> None:
        self._after = {file.path: file.after for file in files}
        self._tree = tree

    def __contains__(self, path: object) -> bool:
        return path in self._after or path in self._tree

    def __iter__(self) -> Iterator[str]:
        # A rule that looks at the whole tree has seen all other files on the pristine one.
        return iter(self._after)

    def read(self, path: str) -> bytes:
        return self._after[path] if path in self._after else self._tree.read(path)
