"""From a series of diffs to typed patches: one for each commit, as far as commits stand alone.

All patches are matched on the pristine tree, so a commit that changes what an earlier one wrote
cannot be a patch of its own: the two become one. Whatever patches come of it, together they give
exactly the files that applying the diffs one after the other gives.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from transforms.edits import AddModule
from transforms.engine.apply import apply_sites
from transforms.engine.match import match_patches
from transforms.engine.outcome import Status
from transforms.engine.patch import bare_patch
from transforms.engine.syntax.source import SourceError
from transforms.importers.capture import capture
from transforms.importers.diffs.naming import stems
from transforms.importers.diffs.rows import Row, rows_of
from transforms.importers.diffs.series import groups_of
from transforms.importers.errors import UnexplainedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from transforms.engine.edit import Edit
    from transforms.engine.syntax.source import Tree
    from transforms.importers.diffs.series import Commit, Series


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One patch to be.

    Attributes:
        stem: its name.
        commits: the numbers of the commits that it is made of, from 0.
        edits: the edits.
        files: the files that it changes or adds, as they are with this patch alone.
    """

    stem: str
    commits: tuple[int, ...]
    edits: tuple[Edit, ...]
    files: Mapping[str, bytes]

    @property
    def added(self) -> dict[str, bytes]:
        """The files that it adds, by path."""
        return {edit.path: edit.data for edit in self.edits if isinstance(edit, AddModule)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """What became of a series.

    Attributes:
        drafts: the patches.
        rows: what each hunk became, in the order of the series.
        problems: what no edits say; where there are any, nothing of this may be used.
        files: what all patches together make of the files that they change or add.
    """

    drafts: tuple[Draft, ...]
    rows: tuple[Row, ...]
    problems: tuple[str, ...]
    files: Mapping[str, bytes]


def compile_series(
    commits: Sequence[Commit], series: Series, release: str, *, name: str = ""
) -> Compiled:
    """Write a series that was applied as typed edits, and prove that they give the same bytes.

    Args:
        commits: the series.
        series: what `apply_series` made of it, without failures.
        release: the release that it was applied to.
        name: make one patch of this name of it all; empty for one for each commit.
    """
    joined = [frozenset(range(len(commits)))] if name else []
    capturing = _Capturing(series=series, release=release)
    while True:
        groups = groups_of(series, len(commits), joined)
        names = [name] if name else stems([commits[group[0]] for group in groups])
        drafts = [capturing.draft(*pair) for pair in zip(names, groups, strict=True)]
        drafts = [draft for draft in drafts if draft.edits]
        if capturing.problems:
            said = tuple(dict.fromkeys(capturing.problems))
            return Compiled(drafts=(), rows=(), problems=said, files={})
        clashes = _clashes(drafts, series.tree, release)
        if not clashes:
            break
        # Each changes code that the other one's meaning depends on: only together they are clear.
        joined += clashes
    files, problems = _proven(drafts, series, release)
    rows = rows_of(commits, series, drafts, release)
    return Compiled(drafts=tuple(drafts), rows=tuple(rows), problems=tuple(problems), files=files)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Capturing:
    """Captures what commits make of files, each version of a file once."""

    series: Series
    release: str
    known: dict[tuple[str, bytes], tuple[Edit, ...]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def draft(self, stem: str, group: Sequence[int]) -> Draft:
        """Capture the changes of some commits."""
        edits: list[Edit] = []
        files: dict[str, bytes] = {}
        chosen = frozenset(group)
        for path, layers in sorted(self.series.layers.items()):
            before = self.series.upstream(path)
            if before is None and layers.creator not in chosen:
                continue
            after = layers.data_with(chosen)
            if before != after:
                files[path] = after
                edits += self._edits(path, before, after)
        return Draft(stem=stem, commits=tuple(group), edits=tuple(edits), files=files)

    def _edits(self, path: str, before: bytes | None, after: bytes) -> tuple[Edit, ...]:
        if (path, after) not in self.known:
            edits: tuple[Edit, ...] = ()
            try:
                edits = capture(path, before, after, self.series.tree, release=self.release).edits
            except (UnexplainedError, SourceError) as error:
                self.problems.append(str(error))
            self.known[path, after] = edits
        return self.known[path, after]


def _clashes(drafts: Sequence[Draft], tree: Tree, release: str) -> list[frozenset[int]]:
    """Find the patches that change the same code, as sets of their commits."""
    if len(drafts) == 1:
        return []
    by_name = {f"diff/{draft.stem}": draft for draft in drafts}
    patches = {name: bare_patch(draft.edits) for name, draft in by_name.items()}
    bad = [
        by_name[outcome.patch]
        for outcome in match_patches(patches, tree, release)
        if outcome.status is Status.CONFLICT
    ]
    return [frozenset(number for draft in bad for number in draft.commits)] if bad else []


def _proven(
    drafts: Sequence[Draft], series: Series, release: str
) -> tuple[dict[str, bytes], list[str]]:
    """Apply all patches, and compare with what the diffs make of the tree."""
    patches = {f"diff/{draft.stem}": bare_patch(draft.edits) for draft in drafts}
    outcomes = match_patches(patches, series.tree, release)
    problems = [
        f"{outcome.patch}: {outcome.status.value}: {problem.reason}"
        for outcome in outcomes
        for _, problem in outcome.problems
    ]
    made = {file.path: file.after for file in apply_sites(outcomes, series.tree)}
    for path, layers in sorted(series.layers.items()):
        if made.get(path, series.upstream(path)) != layers.data():
            problems.append(f"{path}: the patches give other bytes than the diffs")
    return made, problems
