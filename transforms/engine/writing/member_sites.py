"""Where in a class's body a new member is written."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.engine.site import text_site
from transforms.engine.syntax.alternatives import Definition
from transforms.engine.syntax.definition import Function, docstring, header_end
from transforms.engine.syntax.fields import orders_fields, positional
from transforms.engine.syntax.indentation import indented
from transforms.engine.syntax.lines import comments_above
from transforms.engine.syntax.members import FIELD, docstring_of
from transforms.engine.writing.placement import insertion_after

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Source


def default_place(
    node: ast.ClassDef, member: ast.stmt, *, in_enum: bool
) -> tuple[ast.stmt | None, bool]:
    """Choose the place of a member that has no named neighbour.

    A method or class goes behind the last method; a field behind the last field before the first
    method; a field without a default behind the last such field; an `Enum`'s member behind the
    last one.

    Args:
        node: the class.
        member: what is added.
        in_enum: whether the class is an `Enum`.

    Returns:
        The neighbour, None for the start of the body; and whether the member goes behind it.
    """
    body = node.body
    if isinstance(member, Definition):
        methods = [item for item in body if isinstance(item, Function)]
        return (methods or body)[-1], True
    if orders_fields(node) and isinstance(member, ast.AnnAssign):
        new = next(iter(positional([member])), None)
        there = positional(body)
        if new is not None and not new.has_default:
            first = next((item.node for item in there if item.has_default), None)
            required = [item.node for item in there if not item.has_default]
            if first is not None:
                required = [item for item in required if item.lineno < first.lineno]
            if required:
                return required[-1], True
            if first is not None:
                return first, False
        elif there:
            annotated = [item for item in body if isinstance(item, ast.AnnAssign)]
            return annotated[-1], True
    fields = [item for item in body if isinstance(item, FIELD)]
    if not in_enum:
        numbers = (number for number, item in enumerate(body) if isinstance(item, Definition))
        fields = [item for item in body[: next(numbers, len(body))] if isinstance(item, FIELD)]
    return (fields[-1], True) if fields else (docstring(node), True)


def with_member(
    body: Sequence[ast.stmt], member: ast.stmt, neighbour: ast.stmt | None, *, behind: bool
) -> list[ast.stmt]:
    """Give a class's body as it would be with the member in that place."""
    number = -1 if neighbour is None else list(body).index(neighbour)
    at = number + 1 if behind or neighbour is None else number
    return [*body[:at], member, *body[at:]]


def member_site(  # noqa: PLR0913 - each is one choice
    node: ast.ClassDef,
    member: ast.stmt,
    text: str,
    source: Source,
    neighbour: ast.stmt | None,
    *,
    behind: bool,
) -> Site:
    """Make the site of a new member: a blank line around a method or class, none around a field.

    Args:
        node: the class.
        member: what is added.
        text: how it is written, flush left.
        source: the file.
        neighbour: a statement of the class's body; None for the start of the body.
        behind: whether the member goes behind its neighbour, and behind what describes it.
    """
    one_line = _in_place_of_pass(node, text, source)
    if one_line is not None:
        return one_line
    is_block = isinstance(member, Definition)
    if neighbour is not None and behind:
        last = docstring_of(neighbour, node.body) or neighbour
        around = is_block or isinstance(last, Definition) or last is docstring(node)
        if not around and _precedes_block(last, node.body, source):
            text += "\n"
        return insertion_after(last, text, source, blank_lines=int(around))
    first = node.body[0] if neighbour is None else neighbour
    blank = is_block or isinstance(first, Definition)
    return _above(first, text + "\n" * blank, source)


def _in_place_of_pass(node: ast.ClassDef, text: str, source: Source) -> Site | None:
    """Write the body of `class C: pass` on lines of its own."""
    only = node.body[0]
    empty = isinstance(only, ast.Pass) or (
        isinstance(only, ast.Expr)
        and isinstance(only.value, ast.Constant)
        and only.value.value is Ellipsis
    )
    start, end = header_end(node, source), source.span(only).end
    if len(node.body) > 1 or not empty or source.line_of(start) != source.line_of(end):
        return None
    margin = source.indentation(source.span(node).start)
    unit = "\t" if margin.startswith("\t") else "    "
    return text_site(source, start, end, "\n" + indented(text, margin + unit), line=node.lineno)


def _precedes_block(statement: ast.stmt, body: Sequence[ast.stmt], source: Source) -> bool:
    """Tell whether a method or class stands behind a statement, without a blank line between."""
    line = source.line_of(source.span(statement).end) + 1
    below = source.data[source.line_start(line) : source.line_start(line + 1)]
    number = list(body).index(statement) + 1
    return bool(below.strip()) and number < len(body) and isinstance(body[number], Definition)


def _above(statement: ast.stmt, text: str, source: Source) -> Site:
    """Write lines above a statement, its decorators and the comments directly above them."""
    start = source.statement_span(statement).start
    margin = source.indentation(start)
    at = comments_above(source.data, source.line_start(source.line_of(start)))
    return text_site(source, at, at, indented(text, margin) + "\n")
