"""Write only what differs: what a replacement does not change keeps its bytes and its comments.

The code to write says the whole of what takes the place of a match. What of it stands there
already stays as upstream wrote it.
"""

from __future__ import annotations

import ast
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from transforms.engine.patterns.bound_text import ends_with_comment
from transforms.engine.patterns.unify import equal
from transforms.engine.site import NOT_BEHIND
from transforms.engine.syntax.parsed import parsed_statements
from transforms.engine.syntax.source import Source, Span
from transforms.engine.syntax.tokens import UnreadableError, comments
from transforms.engine.writing.statement_changes import StatementChanges, TooDifferentError, is_elif
from transforms.engine.writing.token_changes import TokenChanges

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.engine.writing.token_changes import Change


class Narrowed(NamedTuple):
    """The one span of the file that has to be written.

    Attributes:
        start: its first byte.
        end: the byte behind it.
        text: what is written, with the file's own bytes between the changes.
        claim: the bytes that no other site may touch, at least the span itself.
        behind: for an insertion behind a statement, where that statement starts.
    """

    start: int
    end: int
    text: bytes
    claim: Span
    behind: int = NOT_BEHIND

    def inside(self, span: Span, data: bytes) -> bytes:
        """Give the bytes of a wider span as they will be."""
        start, end = min(span.start, self.start), max(span.end, self.end)
        return b"".join([data[start : self.start], self.text, data[self.end : end]])


def narrowed_expression(node: ast.expr, text: str, source: Source) -> Narrowed | None:
    """Find what must be written to make an expression of the file another one.

    Args:
        node: what is replaced.
        text: what takes its place, flush left.
        source: the file.

    Returns:
        The changes; None where none are smaller than the whole. Whether they mean the same in
        their place is for the caller to check.
    """
    return narrowed_code(source.span(node), text, source)


def narrowed_code(span: Span, text: str, source: Source) -> Narrowed | None:
    """Find what must be written to make any code of the file other code, e.g. a header.

    Args:
        span: what is replaced.
        text: what takes its place, flush left.
        source: the file.

    Returns:
        The changes; None where none are smaller than the whole. Whether they mean the same in
        their place is for the caller to check.
    """
    code = text.encode()
    margin = source.indentation(span.start).encode()
    changes = TokenChanges(old=source.data, new=code, margin_old=margin, newline=source.newline)
    try:
        found = _joined(changes.compare(span, Span(0, len(code))), source)
    except UnreadableError:
        return None
    if found is None or _loses_comments(found, span, code, source):
        return None
    return found._replace(claim=span)


def narrowed_statements(
    statements: Sequence[ast.stmt], text: str, source: Source
) -> Narrowed | None:
    """Find what must be written to make statements of a block of the file others.

    Args:
        statements: consecutive statements of one block.
        text: what takes their place, flush left.
        source: the file.

    Returns:
        The changes, proven to parse to the same; None where none are smaller than the whole.
    """
    new = Source("", text.encode())
    changes = StatementChanges(source, new)
    try:
        changes.block(statements, new.module.body)
    except (UnreadableError, TooDifferentError):
        return None
    found = _joined(changes.found, source)
    start = source.statement_span(statements[0]).start
    window = Span(start, ends_with_comment(statements[-1], source))
    if (
        found is None
        or not changes.keeps
        or _loses_comments(found, window, new.data, source)
        or not equal(
            _parsed(found, window, source, elif_=is_elif(statements[0], source)), new.module.body
        )
    ):
        return None
    claims = [Span(found.start, found.end), *changes.claims]
    return found._replace(
        claim=Span(min(claims)[0], max(claim.end for claim in claims)),
        behind=changes.behind if found.start == found.end else NOT_BEHIND,
    )


def _joined(changes: Sequence[Change], source: Source) -> Narrowed | None:
    """Make one change of several; None where they run into each other."""
    ordered = sorted(changes, key=lambda change: change[:2])
    if not ordered:
        return None
    first = done = ordered[0].start
    pieces: list[bytes] = []
    for start, end, text in ordered:
        if start < done:
            return None
        pieces += [source.data[done:start], text]
        done = end
    return Narrowed(first, done, b"".join(pieces), Span(first, done))


def _parsed(found: Narrowed, window: Span, source: Source, *, elif_: bool) -> list[ast.stmt] | None:
    """Parse the statements as they will stand in the file."""
    start = min(window.start, found.start)
    before = source.data[source.line_start(source.line_of(start)) : start].decode()
    code = found.inside(window, source.data).decode()
    if elif_:
        code = code.removeprefix("el")
    margin = before.rpartition("\f")[2]
    if before.strip() or not (margin or code[:1].isspace()):
        return parsed_statements(code)
    parsed = parsed_statements(f"if 1:\n{margin}{code}")
    only = parsed[0] if parsed and len(parsed) == 1 else None
    return only.body if isinstance(only, ast.If) and not only.orelse else None


def _loses_comments(found: Narrowed, span: Span, code: bytes, source: Source) -> bool:
    """Tell whether a comment of the code to write would not be written."""
    written = found.inside(span, source.data)
    wanted = Counter(comments(code, 0, len(code)))
    return bool(wanted - Counter(comments(written, 0, len(written))))
