"""Changes of an expression that have a kind of edit of their own."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from transforms.edits import AddArgument, DropArgument, ExtendLiteral, Replace, Widen
from transforms.engine.syntax.canonical import canonical
from transforms.engine.syntax.source import Span
from transforms.importers.pieces import flush_left, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from transforms.engine.edit import Edit
    from transforms.importers.proof import Files

_BRACKETS = {ast.List: ("[", "]"), ast.Set: ("{", "}")}


def recognised(
    files: Files, inside: str, before: ast.expr, after: ast.expr
) -> Iterator[Callable[[], Edit]]:
    """Give the edits that say what happened to an expression, rather than what it is now.

    Args:
        files: the file before and after.
        inside: the scope of the edits.
        before: the expression as it was.
        after: what it became.
    """
    if isinstance(before, ast.Call) and isinstance(after, ast.Call):
        yield from _calls(files, inside, before, after)
    elif isinstance(after, ast.BoolOp) and isinstance(after.op, ast.Or):
        yield from _alternatives(files, inside, before, after)
    elif isinstance(before, (ast.List, ast.Set)) and type(before) is type(after):
        yield from _elements(files, inside, before, after)


def _calls(
    files: Files, inside: str, before: ast.Call, after: ast.Call
) -> Iterator[Callable[[], Edit]]:
    """A call that gained or lost one keyword: their order says nothing."""
    called = text_of(before.func, files.before)
    if canonical([before.func, *before.args]) != canonical([after.func, *after.args]):
        return
    there = {item.arg: canonical(item.value) for item in before.keywords}
    wanted = {item.arg: canonical(item.value) for item in after.keywords}
    gained = [name for name in wanted if name not in there]
    lost = [name for name in there if name not in wanted]
    same = all(there[name] == wanted[name] for name in there if name in wanted)
    if not same or len(gained) + len(lost) != 1 or None in (*gained, *lost):
        return
    if lost:
        argument = flush_left(
            files.before.span(next(item for item in before.keywords if item.arg == lost[0])),
            files.before,
        )
        # With another value it is not the argument that was dropped.
        find, replace = f"{called}($$arguments, {argument})", f"{called}($$arguments)"
        yield partial(Replace, inside=inside, find=find, replace=replace)
        yield partial(DropArgument, inside=inside, call=called, argument=lost[0] or "")
        return
    number = next(n for n, item in enumerate(after.keywords) if item.arg == gained[0])
    argument = flush_left(files.after.span(after.keywords[number]), files.after)
    previous = after.keywords[number - 1].arg if number else None
    for neighbour in (None, previous) if previous else (None,):
        yield partial(AddArgument, inside=inside, call=called, argument=argument, after=neighbour)


def _alternatives(
    files: Files, inside: str, before: ast.expr, after: ast.BoolOp
) -> Iterator[Callable[[], Edit]]:
    """A condition that gained alternatives behind what it was, or behind one of its own."""
    is_or = isinstance(before, ast.BoolOp) and isinstance(before.op, ast.Or)
    old: Sequence[ast.expr] = before.values if is_or else [before]  # type: ignore[attr-defined]
    known = [canonical(item) for item in old]
    keys = [canonical(item) for item in after.values]
    added = [number for number, key in enumerate(keys) if key not in known]
    rest = [key for key in keys if key in known]
    if rest != known or not added or added[-1] - added[0] + 1 != len(added) or not added[0]:
        return
    start = files.after.span(after.values[added[0]]).start
    by = flush_left(Span(start, files.after.span(after.values[added[-1]]).end), files.after)
    find = text_of(old[added[0] - 1], files.before)
    yield partial(Widen, inside=inside, find=find, by=by)


def _elements(
    files: Files, inside: str, before: ast.List | ast.Set, after: ast.List | ast.Set
) -> Iterator[Callable[[], Edit]]:
    """A literal that gained elements at its end."""
    size = len(before.elts)
    if (
        not size
        or canonical(before.elts) != canonical(after.elts[:size])
        or size == len(after.elts)
    ):
        return
    added = [text_of(item, files.after) for item in after.elts[size:]]
    opener, closer = _BRACKETS[type(before)]
    find = f"{opener}{text_of(before.elts[0], files.before)}, $$others{closer}"
    yield partial(ExtendLiteral, inside=inside, find=find, add=", ".join(added))
