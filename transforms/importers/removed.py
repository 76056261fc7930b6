"""Statements that are gone, and the empty lines and comments that went with them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from transforms.edits import Remove
from transforms.engine.syntax.source import Span
from transforms.importers.anchors import with_open_body
from transforms.importers.gap import rest_of
from transforms.importers.pieces import line_end, text_of_all
from transforms.importers.proof import Change

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.edit import Edit
    from transforms.engine.syntax.source import Source
    from transforms.importers.gap import Gap


def removed(gap: Gap) -> list[Edit] | None:
    """Remove statements; what is left of their comments goes as exact text."""
    files = gap.files
    code = text_of_all(gap.removed, files.before)
    cuts = list(_cuts(gap))
    for cut in cuts:
        if gap.without(cut) == gap.new:
            edit = files.accepts(partial(Remove, inside=gap.inside, find=code), Change(*cut, b""))
            if edit is not None:
                return [edit]
    for span, find, replace in _with_neighbours(gap, code):
        change = Change(*span, b"")
        if gap.without(span) == gap.new and (
            edit := files.replaces(gap.inside, find, replace, change)
        ):
            return [edit]
    for cut in cuts:
        mark = len(files.taken)
        edit = files.accepts(partial(Remove, inside=gap.inside, find=code), Change(*cut, b""))
        if edit is not None:
            rest = _around(gap, cut)
            if rest is not None:
                return [edit, *rest]
        del files.taken[mark:]
    return None


def _cuts(gap: Gap) -> Iterator[Span]:
    """Give the whole lines of what is removed, alone and with the empty lines around them."""
    source = gap.files.before
    start = source.statement_span(gap.removed[0]).start
    start = source.line_start(source.line_of(start))
    end = source.line_start(source.line_of(line_end(gap.removed[-1], source)) + 1)
    yield Span(start, end)
    below, above = end, start
    while below < gap.before.end and not source.data[below : _next(below, source)].strip():
        below = _next(below, source)
    while above > gap.before.start and not source.data[_previous(above, source) : above].strip():
        above = max(_previous(above, source), gap.before.start)
    if below <= gap.before.end and below != end:
        yield Span(start, below)
    if above != start:
        yield Span(above, end)


def _next(offset: int, source: Source) -> int:
    return source.line_start(source.line_of(offset) + 1)


def _previous(offset: int, source: Source) -> int:
    return source.line_start(source.line_of(offset) - 1)


def _with_neighbours(gap: Gap, code: str) -> Iterator[tuple[Span, str, str]]:
    """Give what is removed together with the gap to the statement below or above."""
    files = gap.files
    if gap.following and gap.following.same:
        first = files.before.statement_span(gap.removed[0]).start
        for one in with_open_body(gap.following.before, files.before):
            yield Span(first, gap.before.end), f"{code}\n{one}", one
    if gap.previous and gap.previous.same:
        last = files.before.span(gap.removed[-1]).end
        for one in with_open_body(gap.previous.before, files.before):
            yield Span(gap.before.start, last), f"{one}\n{code}", one


def _around(gap: Gap, cut: Span) -> list[Edit] | None:
    """Explain what is left of a gap when lines were cut out of it."""
    files = gap.files
    above = files.before.data[gap.before.start : cut.start]
    below = files.before.data[min(cut.end, gap.before.end) : gap.before.end]
    common = next((length for length in range(len(gap.new) + 1) if gap.new[length:] == below), None)
    if common is not None:
        return rest_of(files, Span(gap.before.start, cut.start), gap.new[:common])
    if gap.new.startswith(above):
        return rest_of(
            files, Span(min(cut.end, gap.before.end), gap.before.end), gap.new[len(above) :]
        )
    return None
