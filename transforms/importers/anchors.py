"""How a statement is told from its neighbours: what it assigns, what it calls, or its header."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.engine.syntax.source import Span
from transforms.importers.pieces import block_begin, flush_left, is_compound, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.syntax.source import Source

# What stands between the condition of an `assert` and its message.
_BETWEEN = ", \n(\\"


def spellings(statement: ast.stmt, source: Source) -> Iterator[str]:
    """Give patterns of a statement, the most stable first, its own text last.

    Args:
        statement: a statement of the file.
        source: the file.
    """
    if isinstance(statement, (ast.Assign, ast.AnnAssign)) and statement.value is not None:
        value = source.span(statement.value)
        start = source.span(statement).start
        before = flush_left(Span(start, value.start), source).rstrip().rstrip("(").rstrip()
        if before.endswith("="):
            yield f"{before} $value"
    if isinstance(statement, ast.Assert) and statement.msg is not None:
        test = Span(source.span(statement).start, source.span(statement.msg).start)
        yield f"{flush_left(test, source).rstrip(_BETWEEN)}, $message"
    if _is_text(statement):
        yield "$text"
    call = _called(statement)
    if call is not None and (call.args or call.keywords):
        start, end = source.span(statement).start, source.span(call.func).end
        # Of several calls, the arguments are what one is known by.
        if source.data.count(source.data[start:end] + b"(") == 1:
            yield f"{flush_left(Span(start, end), source)}($$arguments)"
    if is_compound(statement):
        yield from _headers(statement, source)
    elif len(text_of(statement, source)):
        yield text_of(statement, source)


def loose(statement: ast.stmt) -> str:
    """Give a pattern of the kind of a statement that says neither what it assigns nor calls.

    Beside a statement that does, its kind is enough, and its condition or value may change.

    Returns:
        The pattern; empty where the statement has a name to be known by.
    """
    kinds: dict[type[ast.stmt], str] = {
        ast.If: "if $test:",
        ast.While: "while $test:",
        ast.For: "for $target in $iterable:",
        ast.Return: "return $value" if getattr(statement, "value", None) else "",
        ast.Assert: "assert $test, $message" if getattr(statement, "msg", None) else "assert $test",
    }
    return kinds.get(type(statement), "")


def _is_text(statement: ast.stmt) -> bool:
    """Tell whether a statement is a docstring, or a text like one."""
    value = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def _called(statement: ast.stmt) -> ast.Call | None:
    value = statement.value if isinstance(statement, ast.Expr) else None
    if isinstance(value, ast.Await):
        value = value.value
    return value if isinstance(value, ast.Call) else None


def _headers(statement: ast.stmt, source: Source) -> Iterator[str]:
    """Give the header of a compound statement, or all of it where the header says nothing."""
    body: list[ast.stmt] = getattr(statement, "body", [])
    begin = block_begin(body, source)
    if not isinstance(statement, (ast.Try, ast.Match)) and source.data[begin - 1 : begin] in {
        b"\n",
        b"\r",
    }:
        start = source.span(statement).start
        head = flush_left(Span(start, begin), source).rstrip()
        yield head.removeprefix("el") if head.startswith("elif") else head
    yield text_of(statement, source)


def with_open_body(statement: ast.stmt, source: Source) -> Iterator[str]:
    """Give patterns of a whole statement, of a compound one with its block left open."""
    body: list[ast.stmt] = getattr(statement, "body", [])
    only_body = is_compound(statement) and not any(
        getattr(statement, name, None) for name in ("orelse", "handlers", "finalbody")
    )
    if only_body:
        begin = block_begin(body, source)
        if source.data[begin - 1 : begin] in {b"\n", b"\r"}:
            start = source.statement_span(statement).start
            head = flush_left(Span(start, begin), source).rstrip()
            yield f"{head.removeprefix('el') if head.startswith('elif') else head}\n    $$body"
        yield text_of(statement, source)
    else:
        yield from () if is_compound(statement) else spellings(statement, source)
        yield text_of(statement, source)
