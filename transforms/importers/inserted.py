"""Statements that were added: behind the one above them, or in front of the one below."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from transforms.edits import InsertAfter, InsertBefore
from transforms.importers.gap import rest_of
from transforms.importers.pieces import flush_left
from transforms.importers.places import Place, places
from transforms.importers.proof import Change

if TYPE_CHECKING:
    from transforms.engine.edit import Edit
    from transforms.importers.gap import Gap


def inserted(gap: Gap) -> list[Edit] | None:
    """Put what was added behind the statement above it, or in front of the one below."""
    for place in places(gap):
        found = _insert(gap, place)
        if found is not None:
            return found
    return None


def _insert(gap: Gap, place: Place) -> list[Edit] | None:
    files = gap.files
    bytes_added = files.after.data[slice(*place.code)]
    change = Change(place.at, place.at, bytes_added)
    margin = files.after.indentation(files.after.statement_span(gap.added[0]).start)
    code = written_code(flush_left(place.code, files.after, margin))
    kind = InsertAfter if place.is_behind else InsertBefore
    for anchor in place.anchors:
        mark = len(files.taken)
        make = partial(
            kind, inside=gap.inside, anchor=anchor, code=code, other_side=place.other_side
        )
        edit = files.accepts(make, change)
        if edit is not None:
            rest = rest_of(files, place.left, place.left_text)
            if rest is not None:
                return [edit, *rest]
        del files.taken[mark:]
    return None


def written_code(text: str) -> str:
    """Write whole lines as the `code` of an insertion: blank lines around them are kept."""
    if text.startswith("\n") or text.endswith("\n\n"):
        return f"\n{text}"
    return text.removesuffix("\n")
