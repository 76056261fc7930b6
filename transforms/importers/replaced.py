"""Statements in the place of others, with the comments and empty lines around them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transforms.engine.syntax.source import Span
from transforms.importers.anchors import with_open_body
from transforms.importers.gap import rest_of
from transforms.importers.generalised import spellings
from transforms.importers.guards import guards
from transforms.importers.kept import with_kept_open
from transforms.importers.pieces import flush_left, is_compound, text_of_all
from transforms.importers.proof import Change

if TYPE_CHECKING:
    import ast
    from collections.abc import Sequence

    from transforms.engine.edit import Edit
    from transforms.importers.gap import Gap
    from transforms.importers.proof import Files


def replaced_in(gap: Gap) -> list[Edit] | None:
    """Replace statements with the new comments above them; other comments as exact text."""
    files = gap.files
    first = files.before.statement_span(gap.removed[0]).start
    first_after = files.after.statement_span(gap.added[0]).start
    last = files.before.span(gap.removed[-1]).end
    last_after = files.after.span(gap.added[-1]).end
    old = files.before.data[gap.before.start : first]
    new = files.after.data[gap.after.start : first_after]
    lead = gap.after.start + len(old)
    starts = [lead, first_after] if old != new and new.startswith(old) else [first_after]
    joined = _with_previous(gap, last, last_after) if old != new else None
    if joined is not None:
        rest = rest_of(
            files, Span(last, gap.before.end), files.after.data[last_after : gap.after.end]
        )
        if rest is not None:
            return [joined, *rest]
        del files.taken[-1:]
    for start in starts:
        mark = len(files.taken)
        found = replaced(files, gap.inside, gap.removed, gap.added, start=start)
        if found is not None:
            above = files.after.data[gap.after.start : start]
            below = files.after.data[last_after : gap.after.end]
            rest = rest_of(files, Span(gap.before.start, first), above)
            more = rest_of(files, Span(last, gap.before.end), below)
            if rest is not None and more is not None:
                return [found, *rest, *more]
        del files.taken[mark:]
    return None


def _with_previous(gap: Gap, last: int, last_after: int) -> Edit | None:
    """Replace statements together with the empty lines or comments below the statement above."""
    files = gap.files
    if gap.previous is None or not gap.previous.same or is_compound(gap.previous.before):
        return None
    above = gap.previous.before
    end, end_after = files.before.span(above).end, files.after.span(gap.previous.after).end
    change = Change(end, last, files.after.data[end_after:last_after])
    margin = files.before.indentation(files.before.statement_span(above).start)
    behind = flush_left(Span(end_after, last_after), files.after, margin)
    code = text_of_all(gap.removed, files.before)
    for one in with_open_body(above, files.before):
        edit = files.replaces(gap.inside, f"{one}\n{code}", f"{one}{behind}", change)
        if edit is not None:
            return edit
    return None


def replaced(
    files: Files,
    inside: str,
    before: Sequence[ast.stmt],
    after: Sequence[ast.stmt],
    *,
    start: int | None = None,
) -> Edit | None:
    """Find the edit that replaces whole statements.

    Args:
        files: the file before and after.
        inside: the scope of the edit.
        before: the statements as they were.
        after: what takes their place.
        start: where that begins, if it has comments above it.
    """
    span = Span(files.before.statement_span(before[0]).start, files.before.span(before[-1]).end)
    first = files.after.statement_span(after[0]).start
    start = first if start is None else start
    change = Change(*span, files.after.data[start : files.after.span(after[-1]).end])
    for make in guards(files, inside, before, after) if start == first else ():
        edit = files.accepts(make, change)
        if edit is not None:
            return edit
    margin = files.after.indentation(first)
    comments = flush_left(Span(start, first), files.after, margin).rstrip(" \t")
    ways = [(text_of_all(before, files.before), text_of_all(after, files.after))]
    if len(before) == len(after) == 1 and not is_compound(before[0]):
        ways = [*spellings(files, before[0], after[0])]
    ways = [*with_kept_open(files, before, after), *ways]
    for find, replace in ways:
        edit = files.replaces(inside, find, comments + replace, change)
        if edit is not None:
            return edit
    return None
