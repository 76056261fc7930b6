"""Replace decorators: from the `@` to the end of its expression, or whole lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transforms.engine.patterns.reading import dedent, parsed_decorators
from transforms.engine.patterns.unify import equal
from transforms.engine.syntax.definition import after_parentheses
from transforms.engine.syntax.source import Span
from transforms.engine.writing.span_site import span_site

if TYPE_CHECKING:
    import ast
    from collections.abc import Sequence

    from transforms.engine.patterns.template import Template
    from transforms.engine.patterns.unify import Bindings
    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Source


def decorator_span(decorator: ast.expr, source: Source) -> Span:
    """Give the bytes of a decorator, its `@` and the parentheses around it included."""
    start = source.decorator_start(decorator)
    return Span(start, after_parentheses(decorator, start, source))


def decorator_lines(decorator: ast.expr, source: Source) -> Span:
    """Give the bytes of a decorator's lines, the comment and the line end behind it included."""
    start, end = decorator_span(decorator, source)
    return Span(
        source.line_start(source.line_of(start)), source.line_start(source.line_of(end) + 1)
    )


def decorators_site(
    decorators: Sequence[ast.expr],
    template: Template,
    bindings: Bindings,
    source: Source,
    *,
    as_written: bool = False,
) -> Site:
    """Make the site that replaces consecutive decorators of one definition by others.

    Args:
        decorators: those of one match.
        template: what takes their place.
        bindings: what the pattern bound.
        source: the file.
        as_written: the layout of the text counts: all of it is written, not only what differs.

    Raises:
        SourceError: no way of writing them parses to what was meant.
    """
    text = template.decorators(bindings, source, decorators[0])
    span = Span(
        decorator_span(decorators[0], source).start, decorator_span(decorators[-1], source).end
    )
    meant, margin = parsed_decorators(text), source.indentation(span.start)
    return span_site(
        span,
        text,
        lambda kept: equal(parsed_decorators(dedent(margin + kept)), meant),
        source,
        as_written=as_written,
    )
