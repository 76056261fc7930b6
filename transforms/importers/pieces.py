"""Pieces of a file as text that can stand in an edit, and the parts of compound statements."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.engine.patterns.bound_text import ends_with_comment
from transforms.engine.patterns.metavariables import TOKEN
from transforms.engine.syntax.source import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.engine.syntax.source import Source

Definition = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_BLOCKS = frozenset({"body", "orelse", "finalbody", "handlers", "cases"})


def text_of(node: ast.expr | ast.stmt, source: Source) -> str:
    """Give an expression or a statement, with its decorators, flush left."""
    if isinstance(node, ast.stmt):
        return text_of_all([node], source)
    return flush_left(source.span(node), source)


def text_of_all(statements: Sequence[ast.stmt], source: Source) -> str:
    """Give consecutive statements, and what stands between them, flush left."""
    start = source.statement_span(statements[0]).start
    text = flush_left(Span(start, source.span(statements[-1]).end), source)
    return text.removeprefix("el") if text.startswith("elif") else text


def flush_left(span: Span, source: Source, margin: str | None = None) -> str:
    """Give a span without the indentation of its first line, but for the inside of strings.

    Args:
        span: the bytes.
        source: their file.
        margin: the indentation to take away; that before the span where it is None.
    """
    margin = source.indentation(span.start) if margin is None else margin
    return _moved_left(source.text(span), len(margin))


def with_holes(span: Span, source: Source, holes: Sequence[tuple[Span, str]]) -> str:
    """Give a span flush left, with other texts in the place of some spans inside of it."""
    pieces: list[str] = []
    done = span.start
    for hole, text in sorted(holes):
        pieces += [source.text(Span(done, hole.start)), text]
        done = hole.end
    whole = "".join([*pieces, source.text(Span(done, span.end))])
    return _moved_left(whole, len(source.indentation(span.start)))


def _moved_left(text: str, margin: int) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    inside = set[int]()
    for token in TOKEN.finditer(text):
        if token["opaque"] and "\n" in token["opaque"]:
            first = text.count("\n", 0, token.start())
            inside.update(range(first + 1, first + token["opaque"].count("\n") + 1))
    return "\n".join(
        line if number in inside else line[min(margin, len(line) - len(line.lstrip(" \t"))) :]
        for number, line in enumerate(text.split("\n"))
    )


def line_end(statement: ast.stmt, source: Source) -> int:
    """Give the end of a statement's last line, the comment behind it included, not the line end."""
    return ends_with_comment(statement, source)


def header(node: ast.AST) -> list[tuple[str, object]]:
    """Give the fields of a statement that stand before its blocks; all of a simple statement."""
    return [
        (name, getattr(node, name, None))
        for name in node._fields
        if name not in _BLOCKS or not _is_block(getattr(node, name, None))
    ]


def _is_block(value: object) -> bool:
    return isinstance(value, list)


def is_compound(node: ast.AST) -> bool:
    """Tell whether a statement holds others."""
    return isinstance(getattr(node, "body", None), list)


def block_begin(block: Sequence[ast.stmt], source: Source) -> int:
    """Give where a block begins: behind the line of its header, or at its first statement."""
    first = source.statement_span(block[0]).start
    line = source.line_of(first)
    if source.data[source.line_start(line) : first].strip():
        return first
    while line > 1:
        above = source.data[source.line_start(line - 1) : source.line_start(line)].strip()
        if above and not above.startswith(b"#"):
            break
        line -= 1
    return source.line_start(line)


def block_end(block: Sequence[ast.stmt], source: Source) -> int:
    """Give where a block ends, the comment behind its last statement included."""
    return line_end(block[-1], source)


def head_span(node: ast.AST, source: Source) -> Span | None:
    """Give the bytes of a node, of a compound statement those before its first block.

    Returns:
        None for a node that has no position of its own, e.g. all parameters together.
    """
    if isinstance(node, ast.stmt):
        start, end = source.statement_span(node)
        return Span(start, block_begin(node.body, source) if is_compound(node) else end)  # type: ignore[attr-defined]
    if isinstance(node, ast.ExceptHandler):
        start = source.offset(node.lineno, node.col_offset)
        return Span(start, block_begin(node.body, source))
    if isinstance(node, (ast.expr, ast.arg, ast.keyword)):
        return source.span(node)
    return None


def atoms(node: ast.AST) -> int:
    """Count the names and values that a piece of code says."""
    return sum(
        isinstance(item, (ast.Name, ast.Attribute, ast.Constant))
        or (isinstance(item, ast.keyword) and item.arg is not None)
        for item in ast.walk(node)
    )
