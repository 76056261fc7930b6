"""Patterns that leave open what a change has nothing to do with.

Where one argument of a call changed, upstream may add others; where a variable was renamed, what
is assigned to it may change. A metavariable stands for what is the same before and after.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.engine.syntax.canonical import canonical
from transforms.importers.displays import DISPLAYS, with_others_open
from transforms.importers.pieces import atoms, flush_left, text_of, with_holes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from transforms.engine.syntax.source import Source, Span
    from transforms.importers.proof import Files

Spelling = tuple[str, str]
_SHORT = 4
_FEW = 3


def spellings(files: Files, before: ast.AST, after: ast.AST) -> Iterator[Spelling]:
    """Give pairs of a pattern and its replacement for a changed node, the best first.

    Args:
        files: the file before and after.
        before: an expression or a simple statement.
        after: what it becomes.
    """
    if not isinstance(before, (ast.expr, ast.stmt)) or not isinstance(after, (ast.expr, ast.stmt)):
        return
    literal = text_of(before, files.before), text_of(after, files.after)
    if atoms(before) <= _SHORT:
        yield literal
        yield from _open(files, before, after)
    else:
        yield from _open(files, before, after)
        yield literal


def _open(files: Files, before: ast.AST, after: ast.AST) -> Iterator[Spelling]:
    if isinstance(before, ast.Call) and isinstance(after, ast.Call):
        yield from _calls(files, before, after)
    elif isinstance(before, DISPLAYS) and isinstance(after, type(before)):
        yield from with_others_open(files, before, after)
    elif isinstance(before, ast.stmt) and isinstance(after, ast.stmt):
        yield from _values(files, before, after)


def _values(files: Files, before: ast.stmt, after: ast.stmt) -> Iterator[Spelling]:
    """Leave open the value of an assignment, or what of the value did not change."""
    value, value_after = getattr(before, "value", None), getattr(after, "value", None)
    if not isinstance(value, ast.expr) or not isinstance(value_after, ast.expr):
        return
    places = [
        (files.before.span(before), files.before.span(value), files.before),
        (files.after.span(after), files.after.span(value_after), files.after),
    ]
    if canonical(value) == canonical(value_after):
        if not isinstance(before, (ast.Assign, ast.AnnAssign)) or atoms(value) <= _FEW:
            return
        find, replace = (
            with_holes(span, source, [(hole, "$value")]) for span, hole, source in places
        )
        yield find, replace
    elif _same_around(places):
        for pair in _open(files, value, value_after):
            find, replace = (
                with_holes(span, source, [(hole, text)])
                for (span, hole, source), text in zip(places, pair, strict=True)
            )
            yield find, replace


def _same_around(places: list[tuple[Span, Span, Source]]) -> bool:
    around = {with_holes(span, source, [(hole, "$value")]) for span, hole, source in places}
    return len(around) == 1


def _calls(files: Files, before: ast.Call, after: ast.Call) -> Iterator[Spelling]:
    """Leave open all arguments but those that changed."""
    names = text_of(before.func, files.before), text_of(after.func, files.after)
    same = [canonical(before.args) == canonical(after.args)]
    keywords = {item.arg: item for item in before.keywords}
    wanted = {item.arg: item for item in after.keywords}
    if None in keywords or None in wanted or not (before.args or before.keywords):
        return
    changed = [
        name
        for name in dict.fromkeys([*keywords, *wanted])
        if canonical(keywords.get(name)) != canonical(wanted.get(name))
    ]
    if not changed and all(same):
        yield f"{names[0]}($$arguments)", f"{names[1]}($$arguments)"
        return
    if names[0] != names[1]:
        return
    if all(same):
        shown = [_listed(keywords, changed, files.before), _listed(wanted, changed, files.after)]
        yield f"{names[0]}({shown[0]})", f"{names[1]}({shown[1]})"
    elif not changed and len(before.args) == len(after.args):
        yield from _positional(files, names[0], before, after)


def _listed(
    keywords: Mapping[str | None, ast.keyword], changed: Sequence[str | None], source: Source
) -> str:
    texts = [
        flush_left(source.span(keywords[name]), source) for name in changed if name in keywords
    ]
    return ", ".join(["$$arguments", *texts])


def _positional(files: Files, name: str, before: ast.Call, after: ast.Call) -> Iterator[Spelling]:
    different = [
        number
        for number, pair in enumerate(zip(before.args, after.args, strict=True))
        if canonical(pair[0]) != canonical(pair[1])
    ]
    first, last = different[0], different[-1]
    head = ["$$before"] if first else []
    tail = ["$$behind"] if last + 1 < len(before.args) or before.keywords else []
    yield tuple(  # type: ignore[misc]
        f"{name}({', '.join([*head, *(text_of(item, source) for item in args), *tail])})"
        for args, source in (
            (before.args[first : last + 1], files.before),
            (after.args[first : last + 1], files.after),
        )
    )
