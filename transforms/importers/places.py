"""Where an insertion goes: behind the statement above it, or in front of the one below."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.syntax.source import Span
from transforms.importers.anchors import loose, spellings
from transforms.importers.pieces import atoms, is_compound, line_end

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transforms.engine.syntax.source import Source
    from transforms.importers.alignment import Pair
    from transforms.importers.gap import Gap

_LONG = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One way to anchor what was added.

    Attributes:
        is_behind: behind the statement above, or else in front of the one below.
        anchors: patterns of that statement, the best first.
        other_side: a pattern of the statement on the other side; empty where there is none.
        at: the offset in the file before.
        code: the whole lines in the file after.
        left: what of the gap is not a part of them, before.
        left_text: what that is after.
    """

    is_behind: bool
    anchors: tuple[str, ...]
    other_side: str
    at: int
    code: Span
    left: Span
    left_text: bytes


def places(gap: Gap) -> list[Place]:
    """Give the ways to anchor what was added in a gap, the most stable first."""
    found: list[tuple[tuple[int, ...], Place]] = []
    if gap.previous is not None:
        linked = _bound(gap.previous.before) & _used(gap.added)
        found.append((_cost(gap, gap.previous, _behind(gap), linked), _behind(gap)))
    if gap.following is not None:
        bound = {name for item in gap.added for name in _bound(item)}
        linked = _used([gap.following.before]) & bound
        found.append((_cost(gap, gap.following, _in_front(gap), linked), _in_front(gap)))
    return [place for _, place in sorted(found, key=lambda pair: pair[0])]


def _cost(gap: Gap, pair: Pair, place: Place, linked: set[str]) -> tuple[int, ...]:
    """Say how much speaks against a place; what comes first counts most."""
    statement = pair.before
    return (
        gap.files.before.data[slice(*place.left)] != place.left_text,
        not pair.same,
        not linked,
        is_compound(statement),
        atoms(statement) > _LONG,
    )


def _behind(gap: Gap) -> Place:
    before, after = gap.files.before, gap.files.after
    at = _next_line(gap.before.start, before)
    start = _next_line(gap.after.start, after)
    end = _next_line(line_end(gap.added[-1], after), after)
    rest = before.data[at : gap.before.end]
    if gap.following and gap.after.end - len(rest) >= end and gap.new.endswith(rest):
        end = gap.after.end - len(rest)
    return Place(
        is_behind=True,
        anchors=tuple(_of(gap.previous, gap.following, before)),
        other_side=next(_of(gap.following, gap.previous, before), ""),
        at=at,
        code=Span(start, end),
        left=Span(min(at, gap.before.end), gap.before.end),
        left_text=after.data[end : gap.after.end],
    )


def _in_front(gap: Gap) -> Place:
    before, after = gap.files.before, gap.files.after
    at = before.line_start(before.line_of(gap.before.end))
    end = after.line_start(after.line_of(gap.after.end))
    first = after.line_of(after.statement_span(gap.added[0]).start)
    head = before.data[gap.before.start : at]
    start = gap.after.start + len(head)
    if start > after.line_start(first) or not gap.new.startswith(head):
        while (
            first > 1
            and _is_comment(first - 1, after)
            and after.line_start(first - 1) >= gap.after.start
        ):
            first -= 1
        start = after.line_start(first)
    return Place(
        is_behind=False,
        anchors=tuple(_of(gap.following, gap.previous, before)),
        other_side=next(_of(gap.previous, gap.following, before), ""),
        at=at,
        code=Span(start, end),
        left=Span(gap.before.start, max(at, gap.before.start)),
        left_text=after.data[gap.after.start : start],
    )


def _of(pair: Pair | None, beside: Pair | None, source: Source) -> Iterator[str]:
    """Give patterns of a statement, knowing which one stands on the other side."""
    if pair is None:
        return
    kind = loose(pair.before)
    if kind and beside is not None and not loose(beside.before):
        yield kind
    yield from spellings(pair.before, source)


def _next_line(offset: int, source: Source) -> int:
    return source.line_start(source.line_of(offset) + 1)


def _is_comment(line: int, source: Source) -> bool:
    text = source.data[source.line_start(line) : source.line_start(line + 1)] if line else b""
    return text.lstrip().startswith(b"#")


def _bound(statement: ast.stmt) -> set[str]:
    return {
        ast.unparse(node)
        for node in ast.walk(statement)
        if isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Store)
    }


def _used(statements: Sequence[ast.stmt]) -> set[str]:
    return {
        ast.unparse(node)
        for item in statements
        for node in ast.walk(item)
        if isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load)
    }
