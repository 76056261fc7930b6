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
from transforms.engine.patch import bare_patch
from transforms.engine.syntax.modules import module_name
from transforms.engine.syntax.source import Source, SourceError, Span
from transforms.importers.blocks import explain_module
from transforms.importers.errors import UnexplainedError
from transforms.importers.gap import explain_lines
from transforms.importers.native import explain_native, is_native
from transforms.importers.proof import Files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from transforms.engine.edit import Edit
    from transforms.engine.syntax.source import Tree

_NAME = "capture/change"
_NO_RELEASE = "0"
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


def capture(
    path: str, before: bytes | None, after: bytes | None, tree: Tree, *, release: str = ""
) -> Captured:
    """Write the difference between two versions of a file as typed edits.

    Args:
        path: the file in the tree.
        before: the file as it was; None for a new one, whose bytes belong into `runtime/`.
        after: the file as it is to be; None for one that was deleted.
        tree: the tree that the file before is in.
        release: the release of that tree; empty where it is not known, and then nothing is
            written that is for one release only.

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
    files = Files(
        before=Source(path, before),
        after=Source(path, after),
        tree=tree,
        module=module_name(path),
        release=release,
    )
    for keeps_short in (True, False):
        best: list[Edit] | None = None
        for edits in _ways(replace(files, keeps_short=keeps_short)):
            if _gives(edits, files) and (best is None or _texts(edits) < _texts(best)):
                best = edits
                if not _texts(best):
                    break
        if best is not None:
            return Captured(edits=tuple(best))
    reason = "no edits give these bytes: change less at once, or leave its layout"
    raise UnexplainedError(path, reason)


def _ways(files: Files) -> Iterator[list[Edit]]:
    """Give lists of edits, the best first."""
    if files.before.path.endswith(".py"):
        for is_strict, joins_comments, joins_twins in _MANNERS:
            tried = replace(
                files,
                is_strict=is_strict,
                joins_comments=joins_comments,
                joins_twins=joins_twins,
                taken=[],
            )
            yield from _tried(lambda tried=tried: explain_module(tried))  # type: ignore[misc]
    elif is_native(files.before.path):
        yield from _tried(lambda: explain_native(replace(files, taken=[])))
    plain = replace(files, taken=[])
    whole = Span(0, len(files.before.data))
    yield from _tried(lambda: explain_lines(plain, whole, files.after.data))


def _tried(explained: Callable[[], list[Edit]]) -> Iterator[list[Edit]]:
    try:
        yield explained()
    except (UnexplainedError, SourceError, UnicodeDecodeError):
        return


def _gives(edits: list[Edit], files: Files) -> bool:
    """Tell whether edits make all of a change together, and nothing in a second application."""
    if not edits:
        return False
    path, after = files.after.path, files.after.data
    patches = {_NAME: bare_patch(edits)}
    release = files.release or _NO_RELEASE
    (outcome,) = outcomes = match_patches(patches, files.tree, release)
    if not outcome.status.is_good:
        return False
    made = apply_sites(outcomes, files.tree)
    if [(file.path, file.after) for file in made] != [(path, after)]:
        return False
    (again,) = match_patches(patches, _Edited(path, after, files.tree), release)
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
