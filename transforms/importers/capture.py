"""Changes made by hand in a file, as typed edits that give the same bytes.

What differs is found as syntax, statement by statement, and each difference gets the edit that
says least about what is around it. Every edit is proven when it is proposed: applied alone it
makes exactly its part of the difference, and applied again it finds its work done. Where no edit
of syntax says it, as for comments and layout, exact text does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from transforms.edits import AddModule, ReplaceText
from transforms.engine.apply import apply_sites
from transforms.engine.match import match_patches
from transforms.engine.patch import Patch
from transforms.engine.syntax.source import Source, SourceError, Span
from transforms.importers.blocks import explain_module
from transforms.importers.errors import UnexplainedError
from transforms.importers.gap import explain_lines
from transforms.importers.proof import Files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from transforms.engine.edit import Edit
    from transforms.engine.syntax.source import Tree

_NAME = "capture/change"
# Strictly, with comments, with twins: the first that needs no exact text, or else the least of it.
_MANNERS = (
    (True, False, True),
    (True, False, False),
    (True, True, True),
    (True, True, False),
    (False, False, False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """What was captured of one file.

    Attributes:
        edits: the edits; applied to the file before, they give the file after, byte for byte.
    """

    edits: tuple[Edit, ...] = ()


def capture(path: str, before: bytes | None, after: bytes | None, tree: Tree) -> Captured:
    """Write the difference between two versions of a file as typed edits.

    Args:
        path: the file in the tree.
        before: the file as it was; None for a new one, whose bytes belong into `runtime/`.
        after: the file as it is to be; None for one that was deleted.
        tree: the tree that the file before is in.

    Raises:
        UnexplainedError: no edits make this change.
    """
    if after is None:
        reason = "it was deleted, and no edit does that: leave the file, and what uses it without"
        raise UnexplainedError(path, reason)
    if before is None:
        return Captured(edits=(AddModule(path=path, data=after),))
    if before == after:
        return Captured()
    best: list[Edit] | None = None
    for edits in _ways(path, before, after, tree):
        if _gives(edits, path, after, tree) and (best is None or _texts(edits) < _texts(best)):
            best = edits
            if not _texts(best):
                break
    if best is None:
        reason = "no edits give these bytes: change less at once, or leave its layout"
        raise UnexplainedError(path, reason)
    return Captured(edits=tuple(best))


def _ways(path: str, before: bytes, after: bytes, tree: Tree) -> Iterator[list[Edit]]:
    """Give lists of edits, the best first."""
    if path.endswith(".py"):
        for is_strict, joins_comments, joins_twins in _MANNERS:
            files = replace(
                _files(path, before, after, tree),
                is_strict=is_strict,
                joins_comments=joins_comments,
                joins_twins=joins_twins,
                taken=[],
            )
            yield from _tried(lambda files=files: explain_module(files))  # type: ignore[misc]
    files = _files(path, before, after, tree)
    yield from _tried(lambda: explain_lines(files, Span(0, len(before)), after))


def _tried(explained: Callable[[], list[Edit]]) -> Iterator[list[Edit]]:
    try:
        yield explained()
    except (UnexplainedError, SourceError, UnicodeDecodeError):
        return


def _files(path: str, before: bytes, after: bytes, tree: Tree) -> Files:
    return Files(
        before=Source(path, before),
        after=Source(path, after),
        tree=tree,
        module=module_name(path),
    )


def _gives(edits: list[Edit], path: str, after: bytes, tree: Tree) -> bool:
    """Tell whether edits make all of a change together, and nothing in a second application."""
    if not edits:
        return False
    said = dict.fromkeys(("why", "upstream", "drop_when"), "captured")
    patches = {_NAME: Patch(**said, versions="", edits=edits)}
    (outcome,) = outcomes = match_patches(patches, tree, "0")
    if not outcome.status.is_good:
        return False
    files = apply_sites(outcomes, tree)
    if [(file.path, file.after) for file in files] != [(path, after)]:
        return False
    (again,) = match_patches(patches, _Edited(path, after, tree), "0")
    return not again.sites


class _Edited:
    """A tree in which one file is another one."""

    def __init__(self, path: str, data: bytes, tree: Tree) -> None:
        self._path = path
        self._data = data
        self._tree = tree

    def __contains__(self, path: object) -> bool:
        return path in self._tree

    def __iter__(self) -> Iterator[str]:
        return iter(self._tree)

    def read(self, path: str) -> bytes:
        return self._data if path == self._path else self._tree.read(path)


def _texts(edits: list[Edit]) -> int:
    return sum(isinstance(edit, ReplaceText) for edit in edits)


def module_name(path: str) -> str:
    """Give the dotted name of a module's file."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
