"""Replace the header of a compound statement, from its keyword to its colon, and nothing else."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.engine.patterns.parts import Header, header_fields
from transforms.engine.patterns.reading import parsed_header
from transforms.engine.patterns.unify import equal
from transforms.engine.syntax.definition import header_end
from transforms.engine.syntax.source import SourceError, Span
from transforms.engine.writing.span_site import span_site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.patterns.template import Template
    from transforms.engine.patterns.unify import Bindings
    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Source


def header_span(node: ast.stmt | ast.ExceptHandler, source: Source) -> Span:
    """Give the bytes of a header, from its keyword to the colon, without its decorators.

    Args:
        node: a compound statement that has a header with something to compare in it.
        source: the file.
    """
    start = source.span(node).start
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return Span(start, header_end(node, source))
    at = max((source.span(part).end for part in _parts(node)), default=start)
    while (byte := source.data[at : at + 1]) != b":":
        at = source.line_start(source.line_of(at) + 1) if byte == b"#" else at + 1
    return Span(start, at + 1)


def header_site(
    node: ast.stmt | ast.ExceptHandler,
    template: Template,
    bindings: Bindings,
    source: Source,
    *,
    as_written: bool = False,
) -> Site:
    """Make the site that replaces a header; the body and the decorators stay as they are.

    Args:
        node: the statement that has the header.
        template: what takes its place.
        bindings: what the pattern bound.
        source: the file.
        as_written: the layout of the text counts: all of it is written, not only what differs.

    Raises:
        SourceError: no way of writing it parses to what was meant, or what belongs to the
            statement (an `else`, an `elif` before it) cannot belong to the new one.
    """
    text = template.header(bindings, source, node)
    span, meant = header_span(node, source), parsed_header(text)
    (written,) = template.pattern.nodes
    new = written.statement if isinstance(written, Header) else written
    if type(new) is not type(node):
        _require_free(node, source)
    prefix = "el" if source.data.startswith(b"elif", span.start) else ""
    return span_site(
        span,
        f"{prefix}{text}",
        lambda kept: equal(parsed_header(kept.removeprefix(prefix)), meant),
        source,
        as_written=as_written,
    )


def _require_free(node: ast.stmt | ast.ExceptHandler, source: Source) -> None:
    """Refuse another kind of statement where a part of the old one would be left without it."""
    if isinstance(node, ast.ExceptHandler):
        reason = "an `except` can only be replaced by another `except`"
    elif source.data.startswith(b"elif", source.span(node).start):
        reason = "an `elif` can only be replaced by another `if`"
    elif getattr(node, "orelse", None):
        reason = "its `else` or `elif` belongs to this kind of statement; match all of it"
    else:
        return
    raise SourceError(source.path, reason, node.lineno)


def _parts(node: ast.AST) -> Iterator[ast.expr]:
    for name in header_fields(node):
        value = getattr(node, name, None)
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, ast.expr):
                yield item
            elif isinstance(item, ast.withitem):
                yield item.optional_vars or item.context_expr
