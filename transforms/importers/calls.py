"""Calls of which several arguments changed: an edit for each keyword."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from transforms.edits import AddArgument, DropArgument
from transforms.engine.syntax.canonical import canonical
from transforms.importers.pieces import flush_left, text_of
from transforms.importers.proof import Change

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from transforms.engine.edit import Edit
    from transforms.importers.proof import Files

_Explained = tuple[list["Edit"], list[Change]]


def explain_keywords(
    files: Files,
    inside: str,
    before: ast.Call,
    after: ast.Call,
    explain: Callable[[ast.AST, ast.AST], _Explained | None],
) -> _Explained | None:
    """Find an edit for each keyword that a call gained, lost or changed.

    Args:
        files: the file before and after.
        inside: the scope of the edits.
        before: the call as it was.
        after: what it became.
        explain: finds edits for a keyword that has another value.

    Returns:
        The edits and what they change; None where something else differs, or they do not hold.
    """
    ours, theirs = _by_name(before), _by_name(after)
    kept = [name for name in theirs if name in ours]
    is_renamed = len(kept) < min(len(ours), len(theirs))
    same_order = kept == [name for name in ours if name in theirs]
    same = canonical([before.func, *before.args]) == canonical([after.func, *after.args])
    if is_renamed or not same or not same_order or None in {*ours, *theirs}:
        return None
    edits: list[Edit] = []
    changes: list[Change] = []
    for name in kept:
        if canonical(ours[name]) != canonical(theirs[name]):
            found = explain(ours[name], theirs[name])
            if found is None:
                return None
            edits += found[0]
            changes += found[1]
    for make, change in [
        *_lost(files, inside, before, theirs),
        *_gained(files, inside, before, after),
    ]:
        edit = files.accepts(make, change)
        if edit is None:
            return None
        edits.append(edit)
        changes.append(change)
    return edits, changes


def _by_name(call: ast.Call) -> dict[str | None, ast.keyword]:
    return {item.arg: item for item in call.keywords}


def _lost(
    files: Files, inside: str, before: ast.Call, theirs: dict[str | None, ast.keyword]
) -> Iterator[tuple[Callable[[], Edit], Change]]:
    source, called = files.before, text_of(before.func, files.before)
    given: list[ast.expr | ast.keyword] = [*before.args, *before.keywords]
    for number, item in enumerate(given):
        if isinstance(item, ast.keyword) and item.arg not in theirs:
            span = source.span(item)
            if number:
                change = Change(source.span(given[number - 1]).end, span.end, b"")
            elif len(given) > 1:
                change = Change(span.start, source.span(given[1]).start, b"")
            else:
                continue
            yield partial(DropArgument, inside=inside, call=called, argument=item.arg or ""), change


def _gained(
    files: Files, inside: str, before: ast.Call, after: ast.Call
) -> Iterator[tuple[Callable[[], Edit], Change]]:
    """Put each new keyword behind the one that it stands behind, which the call has already."""
    ours, source = _by_name(before), files.after
    called = text_of(before.func, files.before)
    given: list[ast.expr | ast.keyword] = [*after.args, *after.keywords]
    for number, item in enumerate(given):
        if not isinstance(item, ast.keyword) or item.arg in ours:
            continue
        previous = given[number - 1] if number else None
        there = ours.get(previous.arg) if isinstance(previous, ast.keyword) else None
        if there is None or previous is None:
            yield _impossible, Change(0, 0, b"")
            return
        span = source.span(item)
        at = files.before.span(there).end
        text = source.data[source.span(previous).end : span.end]
        make = partial(
            AddArgument,
            inside=inside,
            call=called,
            argument=flush_left(span, source),
            after=there.arg,
        )
        yield make, Change(at, at, text)


def _impossible() -> Edit:
    raise ValueError("a keyword stands behind no other that the call has already")
