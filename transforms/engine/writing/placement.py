"""From a match and the text to write to a site: indentation, parentheses, line ends.

Of what is written in the place of a match, only what differs from it becomes the site.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.engine.patterns.bound_text import ends_with_comment
from transforms.engine.patterns.template import substitute
from transforms.engine.site import Site, text_site
from transforms.engine.syntax.indentation import indented
from transforms.engine.syntax.parsed import parsed_statements
from transforms.engine.syntax.source import SourceError, Span
from transforms.engine.writing.narrow import narrowed_expression, narrowed_statements
from transforms.engine.writing.statement_changes import is_elif
from transforms.engine.writing.written import fits_in_place, fits_in_statement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.engine.patterns.template import Template
    from transforms.engine.patterns.unify import Bindings
    from transforms.engine.syntax.source import Source
    from transforms.engine.writing.narrow import Narrowed


def expression_site(
    node: ast.expr,
    template: Template,
    bindings: Bindings,
    source: Source,
    *,
    as_written: bool = False,
) -> Site:
    """Make the site that replaces an expression, in parentheses where the place needs them.

    The site is the part of it that differs, and claims all of it.

    Args:
        node: what is replaced.
        template: what takes its place.
        bindings: what the pattern bound.
        source: the file.
        as_written: the layout of the text counts: all of it is written, not only what differs.

    Raises:
        SourceError: no way of writing it parses to what was meant.
    """
    span = source.span(node)
    flush_left = template.expression(bindings, source, node)
    meant = substitute(template.pattern.nodes[0], bindings)
    for candidate in (flush_left, f"({flush_left})"):
        text = indented(candidate, source.indentation(span.start), first=False)
        if fits_in_place(text, node, meant, source):
            narrowed = None if as_written else narrowed_expression(node, candidate, source)
            if narrowed:
                kept = narrowed.inside(span, source.data).decode()
                if fits_in_place(kept, node, meant, source) or fits_in_statement(
                    kept, node, meant, source
                ):
                    return _narrowed_site(narrowed, source)
            return text_site(source, *span, text)
    raise SourceError(source.path, f"{flush_left!r} does not fit there", node.lineno)


def statements_site(
    statements: Sequence[ast.stmt],
    text: str,
    source: Source,
    *,
    takes_comment: bool = False,
    as_written: bool = False,
) -> Site:
    """Make the site that replaces whole statements, or the part of them that differs.

    Args:
        statements: consecutive statements of one block.
        text: what to write, flush left.
        source: the file.
        takes_comment: the comment behind the last statement is a part of the text.
        as_written: the layout of the text counts: all of it is written, not only what differs.

    Raises:
        SourceError: the statements share a line with other code.
    """
    start = source.statement_span(statements[0]).start
    end = source.span(statements[-1]).end
    if takes_comment:
        end = ends_with_comment(statements[-1], source)
    written = text
    if is_elif(statements[0], source):
        written = _as_elif(text, start, source)
    if _shares_its_line(Span(start, end), source) and _is_simple(written):
        margin = ""
    else:
        margin = _margin(start, source)
        _require_line_end(end, source)
    narrowed = None if as_written else narrowed_statements(statements, text, source)
    if narrowed:
        return _narrowed_site(narrowed, source)
    return text_site(source, start, end, indented(written, margin, first=False))


def _narrowed_site(narrowed: Narrowed, source: Source) -> Site:
    span = Span(narrowed.start, narrowed.end)
    return Site(
        path=source.path,
        start=narrowed.start,
        end=narrowed.end,
        replacement=narrowed.text,
        line=source.line_of(narrowed.start),
        behind=narrowed.behind,
        claim=() if narrowed.claim == span else tuple(narrowed.claim),
    )


def insertion_before(statement: ast.stmt, text: str, source: Source) -> Site:
    """Make the site that puts lines before a statement and its decorators."""
    start = source.statement_span(statement).start
    _refuse_elif(statement, source)
    margin = _margin(start, source)
    at = start - len(margin.encode())
    return text_site(source, at, at, indented(text, margin) + "\n")


def insertion_after(
    statement: ast.stmt, text: str, source: Source, *, blank_lines: int = 0
) -> Site:
    """Make the site that puts lines after a statement and the comment on its last line.

    Args:
        statement: what they belong behind.
        text: the lines, flush left.
        source: the file.
        blank_lines: how many empty lines there are at least around the new ones.
    """
    _refuse_elif(statement, source)
    start, end = source.statement_span(statement)
    margin = _margin(start, source)
    _require_line_end(end, source)
    line = source.line_of(end)
    at = source.line_start(line + 1)
    body = "\n" * blank_lines + indented(text, margin)
    ended = source.data[:at].endswith((b"\n", b"\r"))
    follows = source.data[at : source.line_start(line + 2)].strip()
    body = body + "\n" if ended else "\n" + body
    if follows:
        body += "\n" * blank_lines
    return text_site(source, at, at, body, line=line + 1, behind=start)


def _as_elif(text: str, start: int, source: Source) -> str:
    """Write an `if` that takes the place of an `elif`."""
    there = parsed_statements(text)
    if there and len(there) == 1 and isinstance(there[0], ast.If) and text.startswith("if"):
        return f"el{text}"
    raise SourceError(
        source.path, "an `elif` can only be replaced by another `if`", source.line_of(start)
    )


def _refuse_elif(statement: ast.stmt, source: Source) -> None:
    if is_elif(statement, source):
        raise SourceError(
            source.path,
            "nothing can be written between an `if` and its `elif`; match the whole `if`",
            statement.lineno,
        )


def _shares_its_line(span: Span, source: Source) -> bool:
    line = source.line_of(span.end)
    before = source.data[source.line_start(source.line_of(span.start)) : span.start]
    behind = source.data[span.end : source.line_start(line + 1)].strip()
    return bool(before.strip() or (behind and not behind.startswith(b"#")))


def _is_simple(text: str) -> bool:
    """Tell whether statements can be followed by `;` and more."""
    there, more = parsed_statements(text), parsed_statements(f"{text}; pass")
    return bool(there and more and len(more) == len(there) + 1 and "\n" not in text)


def _margin(start: int, source: Source) -> str:
    """Give the white space before a statement that begins its line."""
    before = source.data[source.line_start(source.line_of(start)) : start].decode()
    if before.strip():
        raise SourceError(
            source.path,
            f"the statement shares its line with {before.strip()!r}; "
            "match the statement around it instead",
            source.line_of(start),
        )
    return source.indentation(start)


def _require_line_end(end: int, source: Source) -> None:
    line = source.line_of(end)
    rest = source.data[end : source.line_start(line + 1)].decode().strip()
    if rest and not rest.startswith("#"):
        raise SourceError(
            source.path,
            f"the statement shares its line with {rest!r}; match both statements instead",
            line,
        )
