"""From a match and the text to write to a site: indentation, parentheses, line ends."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.engine.pattern import PatternError, equal
from transforms.engine.site import Site
from transforms.engine.template import indented, substitute

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.engine.pattern import Bindings
    from transforms.engine.source import Source
    from transforms.engine.template import Template


def expression_site(node: ast.expr, template: Template, bindings: Bindings, source: Source) -> Site:
    """Make the site that replaces an expression, in parentheses where the place needs them.

    Raises:
        PatternError: no way of writing it parses to what was meant.
    """
    span = source.span(node)
    text = template.expression(bindings, source)
    meant = substitute(template.pattern.nodes[0], bindings)
    outermost = _outermost_expression(source.module, node)
    around = source.span(outermost)
    for candidate in (text, f"({text})"):
        whole = (
            source.data[around.start : span.start]
            + candidate.encode()
            + source.data[span.end : around.end]
        )
        if _parses_to(whole, outermost, node, meant):
            break
    else:
        raise PatternError(f"{source.path}:{node.lineno}: {text!r} does not fit there")
    return Site(
        path=source.path,
        start=span.start,
        end=span.end,
        replacement=_with_newlines(candidate, source),
        line=node.lineno,
    )


def statements_site(statements: Sequence[ast.stmt], text: str, source: Source) -> Site:
    """Make the site that replaces whole statements.

    Args:
        statements: consecutive statements of one block.
        text: what to write, flush left.
        source: the file.

    Raises:
        PatternError: the statements share a line with other code.
    """
    start = source.statement_span(statements[0]).start
    end = source.span(statements[-1]).end
    margin = _margin(start, source)
    _require_line_end(end, source)
    return Site(
        path=source.path,
        start=start,
        end=end,
        replacement=_with_newlines(indented(text, margin).lstrip(" \t"), source),
        line=source.line_of(start),
    )


def insertion_before(statement: ast.stmt, text: str, source: Source) -> Site:
    """Make the site that puts lines before a statement and its decorators."""
    start = source.statement_span(statement).start
    margin = _margin(start, source)
    at = start - len(margin.encode())
    return Site(
        path=source.path,
        start=at,
        end=at,
        replacement=_with_newlines(indented(text, margin) + "\n", source),
        line=source.line_of(at),
    )


def insertion_after(
    statement: ast.stmt, text: str, source: Source, *, blank_lines: int = 0
) -> Site:
    """Make the site that puts lines after a statement and the comment on its last line."""
    margin = _margin(source.statement_span(statement).start, source)
    end = source.span(statement).end
    _require_line_end(end, source)
    line = source.line_of(end)
    at = source.line_start(line + 1)
    ended = source.data[:at].endswith((b"\n", b"\r"))
    body = "\n" * blank_lines + indented(text, margin)
    text = body + "\n" if ended else "\n" + body
    return Site(
        path=source.path, start=at, end=at, replacement=_with_newlines(text, source), line=line + 1
    )


def _margin(start: int, source: Source) -> str:
    """Give the white space before a statement that begins its line."""
    before = source.data[source.line_start(source.line_of(start)) : start].decode()
    if before.strip():
        raise PatternError(
            f"{source.path}:{source.line_of(start)}: the statement shares its line with "
            f"{before.strip()!r}; match the statement around it instead"
        )
    return before


def _require_line_end(end: int, source: Source) -> None:
    line = source.line_of(end)
    rest = source.data[end : source.line_start(line + 1)].decode().strip()
    if rest and not rest.startswith("#"):
        raise PatternError(
            f"{source.path}:{line}: the statement shares its line with {rest!r}; "
            "match both statements instead"
        )


def _with_newlines(text: str, source: Source) -> bytes:
    return text.encode().replace(b"\n", source.newline)


def _outermost_expression(module: ast.Module, node: ast.expr) -> ast.expr:
    path = _path_to(module, node)
    return next(item for item in path if isinstance(item, ast.expr))


def _path_to(root: ast.AST, target: ast.expr) -> list[ast.AST]:
    """Give the nodes from below `root` down to `target`, by position."""
    for child in ast.iter_child_nodes(root):
        if child is target:
            return [child]
        if _may_hold(child, target):
            below = _path_to(child, target)
            if below:
                return [child, *below]
    return []


def _may_hold(node: ast.AST, target: ast.expr) -> bool:
    line, end = getattr(node, "lineno", None), getattr(node, "end_lineno", None)
    if line is None or end is None:
        return True
    decorators = getattr(node, "decorator_list", [])
    first = min([line, *(item.lineno for item in decorators)])
    return bool(first <= target.lineno and (target.end_lineno or 0) <= end)


def _parses_to(text: bytes, outermost: ast.expr, node: ast.expr, meant: ast.AST) -> bool:
    """Tell whether a written expression is `outermost` with `meant` in the place of `node`."""
    try:
        parsed = ast.parse(b"(\n" + text + b"\n)", mode="eval").body
    except SyntaxError:
        return False
    return _equal_but(outermost, parsed, node, meant)


def _equal_but(left: object, right: object, node: ast.expr, meant: ast.AST) -> bool:
    if left is node:
        return equal(meant, right)
    if isinstance(left, ast.AST) and isinstance(right, ast.AST):
        return type(left) is type(right) and all(
            _equal_but(getattr(left, name, None), getattr(right, name, None), node, meant)
            for name in left._fields
            if name != "ctx"
        )
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(
            _equal_but(*pair, node, meant) for pair in zip(left, right, strict=True)
        )
    return type(left) is type(right) and left == right
