"""Touched modules for the tests of the checks: texts before and after, and what was written."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

from tests.transforms.trees import RELEASE, MemoryTree
from transforms.engine.apply import EditedFile, apply_sites, splice
from transforms.engine.checks.touched import Touched
from transforms.engine.match import match_patches
from transforms.engine.site import Site

if TYPE_CHECKING:
    from collections.abc import Mapping

    from transforms.engine.patch import Patch

OLDEST = (3, 10)


def written(text: str, oldest: tuple[int, int] = OLDEST) -> Touched:
    """Give the module `m` that a patch wrote as a whole."""
    data = dedent(text).removeprefix("\n").encode()
    site = Site(path="m.py", start=0, end=0, replacement=data, line=1, adds_file=True)
    file = EditedFile(path="m.py", before=None, after=data, sites=(("p/a", site),))
    return Touched(file, oldest)


def touched(
    before: str, *changes: tuple[str, str], path: str = "m.py", oldest: tuple[int, int] = OLDEST
) -> Touched:
    """Give the module `m` in which texts, in the order of the file, were replaced by others.

    Args:
        before: the pristine module, dedented.
        changes: pairs of a text, which stands there once behind the one before, and its
            replacement; the n-th pair is the change of the n-th patch, `p/a`, `p/b` ...
        path: the module's file.
        oldest: the oldest Python that it must compile on.
    """
    data = dedent(before).removeprefix("\n").encode()
    sites = []
    done = 0
    for number, (old, new) in enumerate(changes):
        start = data.index(old.encode(), done)
        done = start + len(old.encode())
        line = data.count(b"\n", 0, start) + 1
        site = Site(path=path, start=start, end=done, replacement=new.encode(), line=line)
        sites.append((f"p/{chr(ord('a') + number)}", site))
    after = splice(data, [site for _, site in sites])
    file = EditedFile(path=path, before=data, after=after, sites=tuple(sites))
    return Touched(file, oldest)


def edited(tree: MemoryTree, patches: Mapping[str, Patch]) -> list[EditedFile]:
    """Give the files that patches make of a tree."""
    return apply_sites(match_patches(patches, tree, RELEASE), tree)
