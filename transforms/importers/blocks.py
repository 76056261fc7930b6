"""What differs between two blocks of statements, statement by statement."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from transforms.engine.syntax.source import Span
from transforms.importers.alignment import align
from transforms.importers.definitions import explain_head, inner_scope
from transforms.importers.errors import UnexplainedError
from transforms.importers.expressions import explain
from transforms.importers.gap import Gap, explain_lines
from transforms.importers.gaps import explain_gap
from transforms.importers.parts import Part, explain_parts, without_changed
from transforms.importers.pieces import (
    Definition,
    block_begin,
    block_end,
    head_span,
    is_compound,
    line_end,
)
from transforms.importers.replaced import replaced
from transforms.importers.statements import recognised_statement

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator, Sequence

    from transforms.engine.edit import Edit
    from transforms.importers.alignment import Pair
    from transforms.importers.definitions import Scope
    from transforms.importers.proof import Files


class Block(NamedTuple):
    """A list of statements and where it begins and ends, comments around it included."""

    statements: Sequence[ast.stmt]
    start: int
    end: int


def explain_block(files: Files, scope: Scope, before: Block, after: Block) -> list[Edit]:
    """Find the edits that make of one block the other.

    Args:
        files: the file before and after.
        scope: the innermost class or function around the block.
        before: the block as it was.
        after: the block as it is to be.

    Raises:
        UnexplainedError: not even exact text says it.
    """
    pairs = align(before.statements, after.statements)
    if files.joins_comments:
        pairs = _without_commented(files, pairs, before, after)
    mark = len(files.taken)
    while True:
        parts = list(_parts(files, scope, before, after, pairs))
        try:
            return [edit for part in parts for edit in part.explain()]
        except UnexplainedError as error:
            del files.taken[mark:]
            fewer = without_changed(pairs, error.line)
        if len(fewer) == len(pairs):
            return explain_parts(files, parts)
        pairs = fewer


def _parts(
    files: Files, scope: Scope, before: Block, after: Block, pairs: Sequence[Pair]
) -> Iterator[Part]:
    """Give all that a block consists of: statements that are in both, and what is between them."""
    owner = scope[0] if before.statements is getattr(scope[0], "body", None) else None
    here, done = (before.start, after.start), (0, 0)
    for number, pair in enumerate([*pairs, None]):
        there, until = (before.end, after.end), (len(before.statements), len(after.statements))
        if pair is not None:
            there = (
                files.before.statement_span(pair.before).start,
                files.after.statement_span(pair.after).start,
            )
            until = (before.statements.index(pair.before), after.statements.index(pair.after))
        gap = Gap(
            files=files,
            inside=scope[2],
            owner=owner,
            before=Span(here[0], there[0]),
            after=Span(here[1], there[1]),
            removed=before.statements[done[0] : until[0]],
            added=after.statements[done[1] : until[1]],
            previous=pairs[number - 1] if number else None,
            following=pair,
        )
        yield Part(gap.before, gap.after, partial(explain_gap, gap))
        if pair is not None:
            here = line_end(pair.before, files.before), line_end(pair.after, files.after)
            spans = Span(there[0], here[0]), Span(there[1], here[1])
            yield Part(*spans, partial(_explain_pair, files, scope, pair, owner))
            done = until[0] + 1, until[1] + 1


def _without_commented(
    files: Files, pairs: Sequence[Pair], before: Block, after: Block
) -> list[Pair]:
    """Leave out simple statements that changed together with what stands above them."""
    kept: list[Pair] = []
    above = (before.start, after.start), (-1, -1)
    for pair in pairs:
        place = before.statements.index(pair.before), after.statements.index(pair.after)
        starts = (
            files.before.statement_span(pair.before).start,
            files.after.statement_span(pair.after).start,
        )
        gaps = (
            files.before.data[above[0][0] : starts[0]],
            files.after.data[above[0][1] : starts[1]],
        )
        beside = (place[0] - above[1][0], place[1] - above[1][1]) == (1, 1)
        if pair.same or is_compound(pair.before) or not beside or gaps[0] == gaps[1]:
            kept.append(pair)
        ends = line_end(pair.before, files.before), line_end(pair.after, files.after)
        above = ends, place
    return kept


def _explain_pair(files: Files, scope: Scope, pair: Pair, owner: ast.AST | None) -> list[Edit]:
    """Find the edits that make of one statement the other, the comment behind it included."""
    span = Span(files.before.statement_span(pair.before).start, line_end(pair.before, files.before))
    start = files.after.statement_span(pair.after).start
    new = files.after.data[start : line_end(pair.after, files.after)]
    if files.before.data[slice(*span)] == new:
        return []
    known = recognised_statement(files, scope, pair, owner)
    if known is not None:
        return [known]
    mark = len(files.taken)
    try:
        if is_compound(pair.before):
            return _explain_compound(files, scope, pair)
        found = explain(files, scope[2], pair.before, pair.after)
        if found is not None:
            return [*found[0], *_behind(files, pair)]
    except UnexplainedError:
        pass
    del files.taken[mark:]
    edit = None if pair.same else replaced(files, scope[2], [pair.before], [pair.after])
    if edit is not None:
        return [edit, *_behind(files, pair)]
    return explain_lines(files, span, new)


def _behind(files: Files, pair: Pair) -> list[Edit]:
    """Explain a comment behind a simple statement."""
    span = Span(files.before.span(pair.before).end, line_end(pair.before, files.before))
    end = files.after.span(pair.after).end
    new = files.after.data[end : line_end(pair.after, files.after)]
    return [] if files.before.data[slice(*span)] == new else explain_lines(files, span, new)


class _Section(NamedTuple):
    """One block of a compound statement, and what has a header of its own before it."""

    kind: str
    head: ast.AST | None
    body: list[ast.stmt]


class _Head(NamedTuple):
    """What has a header of its own, and all that stands before its block."""

    node: ast.AST | None
    span: Span


def _sections(node: ast.AST) -> Iterator[_Section]:
    yield _Section("body", node, node.body)  # type: ignore[attr-defined]
    for handler in getattr(node, "handlers", ()):
        yield _Section("handler", handler, handler.body)
    for name in ("orelse", "finalbody"):
        block = getattr(node, name, None)
        if block:
            yield _Section(name, None, block)


def _explain_compound(files: Files, scope: Scope, pair: Pair) -> list[Edit]:
    """Explain headers and blocks one by one."""
    before, after = list(_sections(pair.before)), list(_sections(pair.after))
    if [item.kind for item in before] != [item.kind for item in after] or _is_match(pair.before):
        raise UnexplainedError(files.before.path, "it has other parts", pair.before.lineno)
    edits: list[Edit] = []
    here = (
        files.before.statement_span(pair.before).start,
        files.after.statement_span(pair.after).start,
    )
    inner = scope
    if isinstance(pair.before, Definition) and isinstance(pair.after, Definition):
        inner = inner_scope(files, scope, pair.before, pair.after)
    for left, right in zip(before, after, strict=True):
        begin = block_begin(left.body, files.before), block_begin(right.body, files.after)
        heads = (
            _Head(left.head, Span(here[0], begin[0])),
            _Head(right.head, Span(here[1], begin[1])),
        )
        edits += _explain_head(files, scope, pair, heads)
        here = block_end(left.body, files.before), block_end(right.body, files.after)
        edits += explain_block(
            files,
            inner,
            Block(left.body, begin[0], here[0]),
            Block(right.body, begin[1], here[1]),
        )
    return edits


def _is_match(node: ast.AST) -> bool:
    return hasattr(node, "cases")


def _explain_head(files: Files, scope: Scope, pair: Pair, heads: tuple[_Head, _Head]) -> list[Edit]:
    """Explain what stands between the block above, or the statement's start, and a block."""
    ours, theirs = heads
    new = files.after.data[slice(*theirs.span)]
    if files.before.data[slice(*ours.span)] == new:
        return []
    if ours.node is None or theirs.node is None:
        return explain_lines(files, ours.span, new)
    mark = len(files.taken)
    if isinstance(ours.node, Definition):
        found = explain_head(files, scope, pair)
    else:
        found = explain(files, scope[2], ours.node, theirs.node)
    if found is None:
        del files.taken[mark:]
        reason = "its header has another form"
        raise UnexplainedError(files.before.path, reason, pair.before.lineno)
    edits = found[0]
    own, own_after = head_span(ours.node, files.before), head_span(theirs.node, files.after)
    if own is not None and own_after is not None:
        above = files.after.data[theirs.span.start : own_after.start]
        if files.before.data[ours.span.start : own.start] != above:
            edits += explain_lines(files, Span(ours.span.start, own.start), above)
    return edits


def explain_module(files: Files) -> list[Edit]:
    """Find the edits for a whole file.

    Raises:
        UnexplainedError: not even exact text says it.
    """
    before, after = files.before, files.after
    return explain_block(
        files,
        (before.module, after.module, files.module),
        Block(before.module.body, 0, len(before.data)),
        Block(after.module.body, 0, len(after.data)),
    )
