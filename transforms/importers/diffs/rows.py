"""What each hunk became: the table of an import."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.edits import AddModule, ReplaceText
from transforms.engine.match import match_patches
from transforms.engine.patch import bare_patch
from transforms.importers.diffs.layers import UPSTREAM
from transforms.importers.kinds import kind_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from transforms.engine.edit import Edit
    from transforms.importers.diffs.compiling import Draft
    from transforms.importers.diffs.layers import Entry, Layers
    from transforms.importers.diffs.series import Commit, Series, Step

SYNTAX, TEXT, FILE, UNDONE, LEFT_OUT = "syntax", "text", "file", "undone", "left out"
BECAME = (SYNTAX, TEXT, FILE, UNDONE, LEFT_OUT)
"""What can become of a hunk: edits of syntax, some exact text, a new file, nothing or nothing."""
_Spans = list[tuple[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one hunk became.

    Attributes:
        origin: the commit that it is of.
        path: the file.
        hunk: the numbers of its header, e.g. ``@@ -1,2 +1,3 @@``; empty where the file has none.
        line: where it stands in the diff, 1-based.
        became: one of `BECAME`; `TEXT` if any of its edits is one of exact text.
        patch: the stem of the patch; empty where there is none.
        edits: pairs of the kind of an edit and the scope or path that it is for.
        offset: how many lines behind the place that it names it was applied.
    """

    origin: str
    path: str
    hunk: str
    line: int
    became: str
    patch: str = ""
    edits: tuple[tuple[str, str], ...] = ()
    offset: int = 0

    def as_json(self) -> dict[str, object]:
        """Give the fields as they appear in JSON output."""
        return {
            "origin": self.origin,
            "path": self.path,
            "hunk": self.hunk,
            "line": self.line,
            "became": self.became,
            "patch": self.patch or None,
            "edits": [{"kind": kind, "where": where} for kind, where in self.edits],
            "offset": self.offset,
        }


def where_of(edit: Edit) -> str:
    """Give the scope or the path that an edit is for."""
    inside, path = str(getattr(edit, "inside", "")), str(getattr(edit, "path", ""))
    return f"{path}: {inside}" if path and inside else inside or path


def rows_of(
    commits: Sequence[Commit], series: Series, drafts: Sequence[Draft], release: str
) -> Iterator[Row]:
    """Say of each hunk of a series what it became.

    Args:
        commits: the series.
        series: what was applied.
        drafts: the patches that it became.
        release: the release that it was applied to.
    """
    sites = {draft.stem: _sites(draft.edits, series, release) for draft in drafts}
    for step in series.steps:
        draft = next((each for each in drafts if step.commit in each.commits), None)
        yield _row(commits[step.commit], step, series, draft, sites)


def _row(
    commit: Commit,
    step: Step,
    series: Series,
    draft: Draft | None,
    sites: Mapping[str, Mapping[str, Sequence[tuple[int, int, Edit]]]],
) -> Row:
    path, placed = step.file.path, step.placed
    edits: list[Edit] = []
    became = UNDONE
    if placed is None:
        became = LEFT_OUT
    elif draft is not None and path in draft.added:
        became, edits = FILE, [edit for edit in draft.edits if _adds(edit, path)]
    elif draft is not None and path in series.layers:
        there = sites[draft.stem].get(path, ())
        layers = series.layers[path]
        edits = _touching(there, layers, placed.written)
        if not edits and not all(map(_is_gone, placed.written)):
            # Of equal lines, the diff and the edit mean different ones.
            edits = _touching(there, layers, placed.around)
        is_text = any(isinstance(edit, ReplaceText) for edit in edits)
        became = UNDONE if not edits else TEXT if is_text else SYNTAX
    return Row(
        origin=commit.origin,
        path=path,
        hunk=step.hunk.range if step.hunk else "",
        line=step.hunk.line if step.hunk else step.file.line,
        became=became,
        patch=draft.stem if draft is not None and edits else "",
        edits=tuple((kind_name(edit), where_of(edit)) for edit in edits),
        offset=placed.offset if placed else 0,
    )


def _is_gone(entry: Entry) -> bool:
    """Tell whether a line was written by a commit and taken away by another."""
    return entry.writer != UPSTREAM and entry.remover is not None


def _touching(
    there: Sequence[tuple[int, int, Edit]], layers: Layers, lines: Sequence[Entry]
) -> list[Edit]:
    """Give the edits that change some lines, each once."""
    spans = _spans(layers, lines)
    found = [edit for first, last, edit in there if _touch(first, last, spans)]
    return list({id(edit): edit for edit in found}.values())


def _adds(edit: Edit, path: str) -> bool:
    return isinstance(edit, AddModule) and edit.path == path


def _sites(
    edits: Sequence[Edit], series: Series, release: str
) -> dict[str, list[tuple[int, int, Edit]]]:
    """Give where each edit changes which file, for one patch that applies."""
    each = {f"edit/{number:05}": edit for number, edit in enumerate(edits)}
    patches = {name: bare_patch([edit]) for name, edit in each.items()}
    found: defaultdict[str, list[tuple[int, int, Edit]]] = defaultdict(list)
    for outcome in match_patches(patches, series.tree, release):
        for site in outcome.sites:
            found[site.path].append((site.start, site.end, each[outcome.patch]))
    return dict(found)


def _spans(layers: Layers, written: Sequence[Entry]) -> _Spans:
    """Give the bytes of the release's file that some lines were, or where they were put.

    The white space around them counts: of equal lines, a diff and an edit may move different ones.
    """
    wanted = {id(entry) for entry in written}
    data = b"".join(entry.data for entry in layers.entries if entry.writer == UPSTREAM)
    spans: _Spans = []
    offset = 0
    for entry in layers.entries:
        size = len(entry.data) if entry.writer == UPSTREAM else 0
        if id(entry) in wanted:
            start, end = len(data[:offset].rstrip()), offset + size
            end += len(data[end:]) - len(data[end:].lstrip())
            spans.append((start, end))
        offset += size
    return spans


def _touch(start: int, end: int, spans: _Spans) -> bool:
    return any(start <= last and first <= end for first, last in spans)
