"""What a metavariable bound, as text that can be written elsewhere."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from transforms.engine.metavariables import TOKEN
from transforms.engine.source import Span, parse
from transforms.engine.unify import equal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.engine.source import Source
    from transforms.engine.unify import Bound

EMPTY = "\0"
"""Stands for an empty list in a text; the comma or the line that it leaves behind goes with it."""

_AROUND_EMPTY = re.compile(r"^[ \t]*\0[ \t]*(?:\n|\Z)|\0\s*,\s*|,\s*\0|\0", re.MULTILINE)


def forms(bound: Bound, source: Source, since: int = 0) -> list[str]:
    """Give the ways to write what was bound, flush left, the plainest first, the safest last.

    Args:
        bound: what a metavariable bound.
        source: the file that it was bound in.
        since: where the match begins; comments above statements belong to them from there on.
    """
    if not isinstance(bound, list):
        text = _text(bound, source)
        return [text, f"({text})"]
    if not bound:
        return [EMPTY, "", "pass"]
    if isinstance(bound[0], ast.stmt):
        return _statements_texts(bound, source, since)
    joined = ", ".join(_argument_text(item, source) for item in bound)
    return [*_arguments_text(bound, source), joined]


def ends_with_comment(statement: ast.stmt, source: Source) -> int:
    """Give the end of a statement, the comment behind it included."""
    end = source.span(statement).end
    rest = source.data[end : source.line_start(source.line_of(end) + 1)]
    return end + len(rest.rstrip()) if rest.lstrip().startswith(b"#") else end


def _statements_texts(bound: Sequence[ast.AST], source: Source, since: int) -> list[str]:
    """Give statements with the comments above and behind them, and without those above."""
    statements = [item for item in bound if isinstance(item, ast.stmt)]
    start = source.statement_span(statements[0]).start
    end = ends_with_comment(statements[-1], source)
    margin = len(source.indentation(start))
    starts = (_comments_above(start, source, since), start)
    return [_flush_left(Span(each, end), source, margin) for each in dict.fromkeys(starts)]


def _comments_above(start: int, source: Source, since: int) -> int:
    """Give where the comment lines above a statement begin."""
    line = source.line_of(start) - 1
    while line and (begin := source.line_start(line)) > since:
        text = source.data[begin : source.line_start(line + 1)]
        if text.lstrip().startswith(b"#"):
            start = begin + len(text) - len(text.lstrip())
        elif text.strip():
            break
        line -= 1
    return start


def _arguments_text(bound: Sequence[ast.AST], source: Source) -> list[str]:
    """Give arguments as they stand, comments and line breaks included, if nothing is between."""
    spans = [source.span(item) for item in bound if isinstance(item, (ast.expr, ast.keyword))]
    text = _flush_left(Span(min(spans)[0], max(span.end for span in spans)), source)
    return [text] if _are_arguments(text, bound) else []


def _argument_text(item: ast.AST, source: Source) -> str:
    text = _text(item, source)
    return text if _are_arguments(text, [item]) else f"({text})"


def _are_arguments(text: str, meant: Sequence[ast.AST]) -> bool:
    try:
        (statement,) = parse(f"f({text}\n)").body
    except (SyntaxError, ValueError):
        return False
    call = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(call, ast.Call) and equal([*call.args, *call.keywords], list(meant))


def _text(node: ast.AST, source: Source) -> str:
    if isinstance(node, (ast.expr, ast.keyword)):
        return _flush_left(source.span(node), source)
    return ast.unparse(node)


def _flush_left(span: Span, source: Source, margin: int | None = None) -> str:
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


def join(text: str, tokens: Sequence[re.Match[str]], pieces: Sequence[str]) -> str:
    """Write pieces in the place of the metavariables of a text."""
    written: list[str] = []
    done = 0
    for token, piece in zip(tokens, pieces, strict=True):
        line = text[text.rfind("\n", 0, token.start()) + 1 : token.start()]
        margin = line[: len(line) - len(line.lstrip())]
        written += [text[done : token.start()], indented(piece, margin, first=False)]
        done = token.end()
    return _AROUND_EMPTY.sub("", "".join([*written, text[done:]]))
