"""Parameters, imported names, items and context managers that a `$$x` bound, as text."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.engine.patterns.parts import Item, Slot, items, slots
from transforms.engine.patterns.unify import equal
from transforms.engine.syntax.definition import Kind, Parameter
from transforms.engine.syntax.indentation import flush_left
from transforms.engine.syntax.parsed import parsed_statement
from transforms.engine.syntax.source import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.engine.syntax.source import Source

_KINDS = {"*": Kind.VAR_POSITIONAL, "**": Kind.VAR_KEYWORD}


def list_forms(bound: Sequence[ast.AST], source: Source) -> list[str]:
    """Give the ways to write a list, the plainest first.

    As it stands, comments and line breaks included, where nothing else is between; then one after
    the other.
    """
    text = _as_it_stands(bound, source)
    joined = ", ".join(_one(node, source) for node in bound)
    return [text, joined] if _reads_as(text, bound) else [joined]


def _as_it_stands(bound: Sequence[ast.AST], source: Source) -> str:
    """Give the text from the first to the last, with a bare `*` or `/` at either end."""
    spans = [span for node in bound for span in [_span(node, source)] if span]
    if not spans:
        return ""
    text = flush_left(Span(min(spans)[0], max(span.end for span in spans)), source)
    first, *_, last = bound[0], bound[-1]
    if isinstance(first, Slot) and not first.parameter:
        text = f"{first.stars}, {text}"
    if isinstance(last, Slot) and not last.parameter:
        text = f"{text}, {last.stars}"
    return text


def _span(node: ast.AST, source: Source) -> Span | None:
    if isinstance(node, Slot) and node.parameter:
        kind = _KINDS.get(node.stars, Kind.POSITIONAL_OR_KEYWORD)
        return Parameter(node.parameter, kind, node.default).span(source)
    if isinstance(node, Item):
        end = source.span(node.value).end
        if node.key is None:
            return Span(source.data.rindex(b"**", 0, source.span(node.value).start), end)
        return Span(source.span(node.key).start, end)
    if isinstance(node, ast.withitem):
        last = node.optional_vars or node.context_expr
        return Span(source.span(node.context_expr).start, source.span(last).end)
    if isinstance(node, ast.alias):
        return source.span(node)
    return None


def _one(node: ast.AST, source: Source) -> str:
    """Write one element of a list."""
    span = _span(node, source)
    text = flush_left(span, source) if span else ""
    if _reads_as(text, [node]):
        return text
    if isinstance(node, Slot):
        return text or node.stars
    if isinstance(node, Item):
        value = _grouped(node.value, source)
        return f"{_grouped(node.key, source)}: {value}" if node.key else f"**{value}"
    if isinstance(node, ast.withitem):
        name = f" as {_plain(node.optional_vars, source)}" if node.optional_vars else ""
        text = f"{_plain(node.context_expr, source)}{name}"
        fits = _reads_as(text, [node])
        return text if fits else f"{_grouped(node.context_expr, source)}{name}"
    return ast.unparse(node)


def _plain(node: ast.expr, source: Source) -> str:
    return flush_left(source.span(node), source)


def _grouped(node: ast.expr, source: Source) -> str:
    return f"({_plain(node, source)})"


def _reads_as(text: str, bound: Sequence[ast.AST]) -> bool:
    """Tell whether a text, where such a list stands, parses to what was bound."""
    statement = parsed_statement(_around(text, bound[0]))
    there: Sequence[ast.AST] = ()
    if isinstance(statement, ast.FunctionDef):
        there = slots(statement.args)
    elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Dict):
        there = items(statement.value)
    elif isinstance(statement, ast.With):
        there = statement.items
    elif isinstance(statement, ast.ImportFrom):
        there = statement.names
    return equal(there, list(bound))


def _around(text: str, node: ast.AST) -> str:
    if isinstance(node, Slot):
        return f"def f({text}\n): pass"
    if isinstance(node, Item):
        return f"{{{text}\n}}"
    if isinstance(node, ast.withitem):
        return f"with {text}: pass"
    return f"from m import (\n{text}\n)"
