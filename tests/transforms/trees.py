"""How the tests of the engine state what an edit does: a block before, and the block after."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from textwrap import dedent
from typing import TYPE_CHECKING, Protocol

from transforms.edits import Patch
from transforms.engine.apply import apply_sites, splice
from transforms.engine.checks.settled import unsettled
from transforms.engine.edit import Edit
from transforms.engine.match import match_patches
from transforms.engine.outcome import Outcome, Problem, Status
from transforms.engine.syntax.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from transforms.engine.site import Site

RELEASE = "0.33.0"
NAME = "musa/patch"


class NamesFile(Edit, Protocol):
    """An edit that names its one file."""

    @property
    def path(self) -> str:
        """The file in the tree."""


@dataclass(frozen=True, slots=True)
class MemoryTree:
    """A source tree in memory that counts which files are read."""

    files: Mapping[str, bytes]
    reads: list[str]

    @classmethod
    def of(cls, files: Mapping[str, str | bytes]) -> MemoryTree:
        """Make a tree from texts, which are dedented, or from bytes, which are not."""
        return cls({path: _bytes(text) for path, text in files.items()}, [])

    def __contains__(self, path: object) -> bool:
        """Tell whether there is such a file."""
        return path in self.files

    def __iter__(self) -> Iterator[str]:
        """Give the names of all files."""
        return iter(self.files)

    def read(self, path: str) -> bytes:
        """Give one file."""
        self.reads.append(path)
        return self.files[path]


def _bytes(text: str | bytes) -> bytes:
    return dedent(text).removeprefix("\n").encode() if isinstance(text, str) else text


def one(before: str | bytes) -> MemoryTree:
    """Make a tree of the one module `m`."""
    return MemoryTree.of({"m.py": before})


def source_of(before: str | bytes) -> Source:
    """Make the source of the one module `m`."""
    return Source("m.py", _bytes(before))


def node_at(source: Source, text: str) -> ast.expr | ast.stmt:
    """Find the outermost node whose bytes are a text."""
    return next(
        node
        for node in ast.walk(source.module)
        if isinstance(node, (ast.expr, ast.stmt)) and source.text(source.span(node)) == text
    )


def patch(*edits: Edit, versions: str = ">=0.9.2") -> Patch:
    """Declare a patch of these edits."""
    return Patch(why="w", upstream="u", drop_when="d", versions=versions, edits=edits)


def outcome_on(tree: MemoryTree, *edits: Edit) -> Outcome:
    """Match one patch of these edits."""
    (outcome,) = match_patches({NAME: patch(*edits)}, tree, RELEASE)
    return outcome


def outcome_of(edit: Edit, before: str | bytes) -> Outcome:
    """Match one edit on the one module `m`."""
    return outcome_on(one(before), edit)


def problem_of(edit: Edit, before: str | bytes) -> Problem:
    """Give the one thing that is wrong with an edit on the module `m`."""
    ((number, problem),) = outcome_of(edit, before).problems
    assert number == 1
    return problem


def applied(tree: MemoryTree, patches: Mapping[str, Patch]) -> dict[str, bytes]:
    """Apply patches that must all apply, and check the result; give the touched files."""
    outcomes = match_patches(patches, tree, RELEASE)
    assert [item.status for item in outcomes] == [Status.APPLIED] * len(outcomes), outcomes
    files = apply_sites(outcomes, tree)
    assert list(unsettled(files, patches, tree, RELEASE)) == []
    for file in files:
        sites = [site for _, site in file.sites]
        assert outside(file.before or b"", sites) == _kept(file.after, sites)
        if file.path.endswith(".py"):
            compile(file.after, file.path, "exec", dont_inherit=True)
    return {file.path: file.after for file in files}


def assert_changes(edit: Edit, before: str | bytes, after: str | bytes) -> None:
    """Assert what an edit makes of the module `m`, and that doing it again is obsolete."""
    wanted = _bytes(after)
    compile(wanted, "expected", "exec", dont_inherit=True)
    there = applied(one(before), {NAME: patch(edit)})["m.py"]
    assert there.decode() == wanted.decode()
    again = outcome_of(edit, there)
    assert (again.status, again.sites) == (Status.OBSOLETE, ())


def assert_file_changes(edit: NamesFile, before: str | bytes, after: str | bytes) -> None:
    """Assert what an edit makes of the file that it names, and that doing it again is obsolete."""
    tree = MemoryTree.of({edit.path: before})
    there = applied(tree, {NAME: patch(edit)})[edit.path]
    assert there.decode() == _bytes(after).decode()
    again = outcome_on(MemoryTree.of({edit.path: there}), edit)
    assert (again.status, again.sites) == (Status.OBSOLETE, ())


def assert_untouched(edit: Edit, before: str | bytes, status: Status = Status.DRIFTED) -> Problem:
    """Assert that an edit changes nothing in the module `m`, and give the reason."""
    outcome = outcome_of(edit, before)
    assert outcome.status is status
    assert outcome.sites == ()
    assert apply_sites([outcome], one(before)) == []
    ((_, problem),) = outcome.problems
    return problem


def outside(data: bytes, sites: Sequence[Site]) -> list[bytes]:
    """Give the bytes between the sites."""
    edges = [0, *(edge for site in sites for edge in (site.start, site.end)), len(data)]
    return [data[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)]


def _kept(after: bytes, sites: Sequence[Site]) -> list[bytes]:
    """Give the bytes between the replacements, read from the result."""
    kept, done, shift = [], 0, 0
    for site in sites:
        kept.append(after[done : site.start + shift])
        done = site.start + shift + len(site.replacement)
        shift += len(site.replacement) - (site.end - site.start)
    return [*kept, after[done:]]


def spliced(before: str | bytes, sites: Sequence[Site]) -> str:
    """Apply sites to the module `m`."""
    return splice(_bytes(before), sorted(sites, key=lambda site: site.place)).decode()
