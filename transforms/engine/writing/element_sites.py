"""Add elements to a comma-separated list, or take some away, in the style of their neighbours."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from transforms.engine.site import text_site
from transforms.engine.syntax.indentation import indented
from transforms.engine.syntax.lines import begins_line, ends_line, line_start
from transforms.engine.syntax.source import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.engine.site import Site
    from transforms.engine.syntax.elements import Elements
    from transforms.engine.syntax.source import Source

_UNIT = "    "


def insert_elements(elements: Elements, at: int, texts: Sequence[str]) -> Site:
    """Make the site that adds elements: on lines of their own where their neighbour has one.

    Two patches that add behind the same element compose: nothing of the list is written again,
    but for an empty list and a tuple of one.

    Args:
        elements: the list.
        at: the index that the first new element will have.
        texts: the new elements, flush left, without commas.
    """
    if not elements.items:
        return _fill(elements, texts)
    if at == 0:
        return _insert_first(elements, texts)
    return _insert_behind(elements, at - 1, texts)


def remove_elements(elements: Elements, first: int, last: int) -> Site:
    """Make the site that takes elements away, with their lines where they have those to themselves.

    Comments on the same line go, too; comments above stay.

    Args:
        elements: the list, in brackets or longer than what is taken away.
        first: the index of the first element to take away.
        last: the index of the last one.
    """
    source, items = elements.source, elements.items
    if last - first + 1 == len(items):
        return _empty(elements)
    start, end = items[first].span.start, items[last].span.end
    comma = items[last].comma
    behind = end if comma is None else comma + 1
    if elements.is_tuple and last - first + 1 == len(items) - 1:
        return _leave_one(elements, first, last)
    if elements.bracketed and begins_line(source.data, start) and ends_line(source.data, behind):
        line = source.line_of(behind - 1)
        return text_site(source, line_start(source.data, start), source.line_start(line + 1), "")
    if first == 0:
        return text_site(source, start, items[last + 1].span.start, "")
    if b"#" in source.data[items[first - 1].span.end : start]:
        # What is said of the element before stays. With the closing bracket, as in `_empty`.
        until = behind if comma is not None else elements.span.end + 1
        return text_site(source, start, until, source.text(Span(behind, until)))
    return text_site(source, items[first - 1].span.end, end, "")


def _fill(elements: Elements, texts: Sequence[str]) -> Site:
    """Write the first elements of a list."""
    source, (start, end) = elements.source, elements.span
    opening, closing = elements.brackets[0], elements.brackets[1]
    if not elements.bracketed:
        # A class without parentheses; what is around the place is a part of the site, as below.
        written = f"{opening}{', '.join(texts)}{closing}{source.text(elements.span)}"
        return text_site(source, start, end, written)
    inside = source.data[start:end]
    if inside.strip() and begins_line(source.data, end):
        # There are comments, and the closing bracket has a line of its own.
        margin = source.indentation(end) + _UNIT
        lines = "".join(f"{indented(text, margin)},\n" for text in texts)
        at = line_start(source.data, end)
        return text_site(source, at, at, lines)
    alone = elements.is_tuple and len(texts) == 1
    # The brackets are a part of the site, so that two patches cannot both be the first.
    written = f"{opening}{', '.join(texts)}{',' if alone else ''}{closing}"
    return text_site(source, start - 1, end + 1, written)


def _insert_first(elements: Elements, texts: Sequence[str]) -> Site:
    source, first = elements.source, elements.items[0].span
    if elements.bracketed and begins_line(source.data, first.start):
        margin = source.indentation(first.start)
        lines = [f"{indented(text, margin, first=False)},\n{margin}" for text in texts]
        return text_site(source, first.start, first.start, "".join(lines))
    return text_site(source, first.start, first.start, "".join(f"{text}, " for text in texts))


def _insert_behind(elements: Elements, index: int, texts: Sequence[str]) -> Site:
    source, items = elements.source, elements.items
    (start, end), comma = items[index].span, items[index].comma
    if elements.bracketed and begins_line(source.data, start):
        margin = source.indentation(start)
        if comma is None:
            return _on_new_last_lines(end, texts, margin, source)
        if source.line_of(end) == source.line_of(comma) and ends_line(source.data, comma + 1):
            at = source.line_start(source.line_of(comma) + 1)
            lines = "".join(f"{indented(text, margin)},\n" for text in texts)
            return text_site(source, at, at, lines)
    margin = source.indentation(end)
    inline = "".join(f", {indented(text, margin, first=False)}" for text in texts)
    if elements.is_tuple and len(items) == 1 and comma == end:
        # `(a,)` becomes `(a, b)`.
        return text_site(source, end, comma + 1, inline)
    return text_site(source, end, end, inline)


def _on_new_last_lines(end: int, texts: Sequence[str], margin: str, source: Source) -> Site:
    """Write lines behind a last element without a comma, which gets one before its comment."""
    comment = _rest_of_line(end, source).rstrip()
    if not comment.lstrip().startswith(b"#"):
        comment = b""
    lines = ",\n".join(indented(text, margin) for text in texts)
    return text_site(source, end, end + len(comment), f",{comment.decode()}\n{lines}")


def _empty(elements: Elements) -> Site:
    """Take all elements away, in one site with the closing bracket: nothing can be added then."""
    source, (start, end) = elements.source, elements.span
    return text_site(source, start, end + 1, elements.brackets[1])


def _leave_one(elements: Elements, first: int, last: int) -> Site:
    """Take away all but one element of a tuple, which needs its comma."""
    source, items = elements.source, elements.items
    if first == 0:
        kept, comma = items[-1].span, items[-1].comma
        if comma is not None:
            return text_site(source, items[0].span.start, kept.start, "")
        start, written, behind = items[0].span.start, source.text(kept), kept.end
    else:
        start, written = items[0].span.end, ""
        behind = (items[last].comma or items[last].span.end - 1) + 1
    # With what closes the tuple: behind the one element there is a comma now.
    until = elements.span.end + elements.bracketed
    site = text_site(source, start, until, f"{written},{source.text(Span(behind, until))}")
    return site if elements.bracketed else replace(site, claim=(start, until + 1))


def _rest_of_line(at: int, source: Source) -> bytes:
    return source.data[at : source.line_start(source.line_of(at) + 1)]
