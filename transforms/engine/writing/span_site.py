"""Replace code that is neither an expression nor whole statements: headers, decorators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transforms.engine.site import Site, text_site
from transforms.engine.syntax.indentation import indented
from transforms.engine.writing.narrow import narrowed_code

if TYPE_CHECKING:
    from collections.abc import Callable

    from transforms.engine.syntax.source import Source, Span


def span_site(
    span: Span, text: str, fits: Callable[[str], bool], source: Source, *, as_written: bool
) -> Site:
    """Make the site that replaces some code; it is the part that differs, and claims all.

    Args:
        span: what is replaced.
        text: what takes its place, flush left.
        fits: whether a text means what is meant, in the place of the span.
        source: the file.
        as_written: the layout of the text counts: all of it is written, not only what differs.
    """
    narrowed = None if as_written else narrowed_code(span, text, source)
    if narrowed and fits(narrowed.inside(span, source.data).decode()):
        return Site(
            path=source.path,
            start=narrowed.start,
            end=narrowed.end,
            replacement=narrowed.text,
            line=source.line_of(narrowed.start),
            claim=tuple(span),
        )
    written = indented(text, source.indentation(span.start), first=False)
    return text_site(source, *span, written)
