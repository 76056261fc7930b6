"""Take statements and decorators away with their lines, and leave code that still stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transforms.engine.patterns.bound_text import ends_with_comment
from transforms.engine.site import text_site
from transforms.engine.syntax.source import SourceError, Span
from transforms.engine.writing.decorator import decorator_lines
from transforms.engine.writing.statement_changes import is_elif

if TYPE_CHECKING:
    import ast
    from collections.abc import Sequence

    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Source


def decorators_removal(decorators: Sequence[ast.expr], source: Source) -> Site:
    """Make the site that takes consecutive decorators away, with the comments behind them."""
    start = decorator_lines(decorators[0], source).start
    return text_site(source, start, decorator_lines(decorators[-1], source).end, "")


def statements_removal(block: Sequence[ast.stmt], first: int, last: int, source: Source) -> Site:
    """Make the site that takes whole lines away; a block that would be empty gets `pass`.

    The comment behind the last statement goes with it; comments above the first one stay. Of the
    empty lines above and below, as many stay as there were on the side that has more; at the edge
    of a block, those that were at the edge.

    Args:
        block: the list of statements that they stand in.
        first: the index of the first statement to take away.
        last: the index of the last one.
        source: the file.

    Raises:
        SourceError: the statements share a line with others, which stay.
    """
    start = source.statement_span(block[first]).start
    end = ends_with_comment(block[last], source)
    arm = is_elif(block[first], source)
    if last - first + 1 == len(block) and block is not source.module.body and not arm:
        return text_site(source, start, end, "pass")
    line, last_line = source.line_of(start), source.line_of(end)
    _require_whole_lines(Span(start, end), source)
    above, below = _blank_lines(line, -1, source), _blank_lines(last_line, 1, source)
    kept = max(above, below)
    if not arm and first == 0:
        kept = above
    elif last == len(block) - 1:
        kept = below
    after = min(below, above + below - kept)
    before = above + below - kept - after
    whole = source.line_start(line - before), source.line_start(last_line + after + 1)
    return text_site(source, *whole, "")


def _blank_lines(line: int, step: int, source: Source) -> int:
    """Count the empty lines directly above (-1) or below (1) a line."""
    count = 0
    while True:
        number = line + step * (count + 1)
        start, end = source.line_start(number), source.line_start(number + 1)
        if number < 1 or start == end or source.data[start:end].strip():
            return count
        count += 1


def _require_whole_lines(span: Span, source: Source) -> None:
    line = source.line_of(span.end)
    before = source.text(Span(source.line_start(source.line_of(span.start)), span.start)).strip()
    behind = source.text(Span(span.end, source.line_start(line + 1))).strip()
    for other in filter(None, (before, behind)):
        raise SourceError(
            source.path,
            f"the statement shares its line with {other!r}; match both statements instead",
            source.line_of(span.start),
        )
