"""Move code to the left and to the right, but not the lines that begin inside of a string."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transforms.engine.patterns.metavariables import TOKEN

if TYPE_CHECKING:
    from transforms.engine.syntax.source import Source, Span


def flush_left(span: Span, source: Source, margin: int | None = None) -> str:
    """Take away the indentation of the first line from all lines that are not inside a string."""
    text = source.text(span).replace("\r\n", "\n").replace("\r", "\n")
    margin = len(source.indentation(span.start)) if margin is None else margin
    inside = _lines_inside_strings(text)
    first, *rest = text.split("\n")
    moved = [
        line if number in inside else line[min(margin, len(line) - len(line.lstrip(" \t"))) :]
        for number, line in enumerate(rest, start=1)
    ]
    return "\n".join([first, *moved])


def indented(code: str, margin: str, *, first: bool = True) -> str:
    """Indent code, but not the lines that begin inside of a string.

    Args:
        code: flush left.
        margin: the white space to put in front.
        first: whether the first line is indented, too.
    """
    inside = _lines_inside_strings(code)
    return "\n".join(
        line if number in inside or not line.strip() or not (number or first) else margin + line
        for number, line in enumerate(code.split("\n"))
    )


def _lines_inside_strings(text: str) -> set[int]:
    """Give the numbers, from 0, of the lines that begin inside of a string."""
    inside: set[int] = set()
    for token in TOKEN.finditer(text):
        if token["opaque"] and "\n" in token["opaque"]:
            first = text.count("\n", 0, token.start())
            inside.update(range(first + 1, first + token["opaque"].count("\n") + 1))
    return inside
