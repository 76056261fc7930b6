"""What a metavariable bound, as text that can be written elsewhere."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from transforms.engine.patterns.bound_lists import list_forms
from transforms.engine.patterns.unify import equal
from transforms.engine.syntax.indentation import flush_left, indented
from transforms.engine.syntax.parsed import parsed_statement
from transforms.engine.syntax.source import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.engine.patterns.unify import Bound
    from transforms.engine.syntax.source import Source

EMPTY = "\0"
"""Stands for an empty list in a text; the comma or the line that it leaves behind goes with it."""

_AROUND_EMPTY = re.compile(r"^[ \t]*@?\0[ \t]*(?:\n|\Z)|\0\s*,\s*|,\s*\0|\0", re.MULTILINE)


def forms(bound: Bound, source: Source, since: int = 0) -> list[str]:
    """Give the ways to write what was bound, flush left, the plainest first, the safest last.

    Args:
        bound: what a metavariable bound.
        source: the file that it was bound in.
        since: where the match begins; comments above statements belong to them from there on.
    """
    if not isinstance(bound, list):
        text = _text(bound, source)
        # A name never needs parentheses, and cannot have them where it is no expression.
        is_name = isinstance(bound, ast.Name) or not hasattr(bound, "lineno")
        return [text] if is_name else [text, f"({text})"]
    if not bound:
        return [EMPTY, "", "pass"]
    if isinstance(bound[0], ast.stmt):
        return _statements_texts(bound, source, since)
    if not isinstance(bound[0], (ast.expr, ast.keyword)):
        return list_forms(bound, source)
    joined = ", ".join(_argument_text(item, source) for item in bound)
    return [*_arguments_text(bound, source), joined]


def decorators_forms(bound: Bound, source: Source) -> list[str]:
    """Give the ways to write bound decorators behind an `@`."""
    choices = [forms(node, source) for node in bound] if isinstance(bound, list) else []
    if not choices:
        return [EMPTY]
    return ["\n@".join(choice[number] for choice in choices) for number in (0, -1)]


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
    return [flush_left(Span(each, end), source, margin) for each in dict.fromkeys(starts)]


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
    text = flush_left(Span(min(spans)[0], max(span.end for span in spans)), source)
    return [text] if _are_arguments(text, bound) else []


def _argument_text(item: ast.AST, source: Source) -> str:
    text = _text(item, source)
    return text if _are_arguments(text, [item]) else f"({text})"


def _are_arguments(text: str, meant: Sequence[ast.AST]) -> bool:
    # `1:2` stands in a subscript only.
    opening, closing = "[]" if any(isinstance(item, ast.Slice) for item in meant) else "()"
    comma = "," if opening == "[" else ""
    statement = parsed_statement(f"f{opening}{text}{comma}\n{closing}")
    there = statement.value if isinstance(statement, ast.Expr) else None
    if isinstance(there, ast.Subscript) and isinstance(there.slice, ast.Tuple):
        return equal(there.slice.elts, list(meant))
    return isinstance(there, ast.Call) and equal([*there.args, *there.keywords], list(meant))


def _text(node: ast.AST, source: Source) -> str:
    if isinstance(node, (ast.expr, ast.keyword)) and hasattr(node, "lineno"):
        return flush_left(source.span(node), source)
    return ast.unparse(node)


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
