"""Does an expression, written in the place of another, mean what it should mean there?"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.engine.patterns.unify import equal
from transforms.engine.syntax.parsed import parsed_expression, parsed_statement, parsed_statements
from transforms.engine.syntax.source import blocks
from transforms.engine.writing.statement_changes import is_elif

if TYPE_CHECKING:
    from transforms.engine.syntax.source import Source


def fits_in_place(text: str, node: ast.expr, meant: ast.AST, source: Source) -> bool:
    """Tell whether `text` in the place of `node` parses to `meant`, and all around as before.

    Args:
        text: what would be written.
        node: the expression of the pristine file that it takes the place of.
        meant: the syntax that it should be there.
        source: the pristine file.
    """
    path = _path_to(source.module, node)
    if isinstance(getattr(node, "ctx", None), (ast.Store, ast.Del)) and not hasattr(meant, "ctx"):
        return False
    # In a pattern of `match`, a name would be bound and a call would be a class.
    in_pattern = any(isinstance(item, ast.pattern) for item in path)
    if in_pattern and not isinstance(meant, (ast.Attribute, ast.Constant)):
        return False
    # `with (a, b):` has two context managers.
    if any(isinstance(item, ast.withitem) for item in path) and isinstance(meant, ast.Tuple):
        return False
    outermost = next(item for item in path if isinstance(item, ast.expr))
    if outermost is node:
        return _is_whole_expression(text, meant)
    if "\n" in text and not _ends_its_lines(text):
        return False
    span, around = source.span(node), source.span(outermost)
    before = source.data[around.start : span.start].decode()
    behind = source.data[span.end : around.end].decode()
    parsed = parsed_expression(f"{before}{text}{behind}")
    return parsed is not None and _equal_but(outermost, parsed, node, meant)


def fits_in_statement(text: str, node: ast.expr, meant: ast.AST, source: Source) -> bool:
    """Tell the same of a text whose lines may end inside of brackets that the file has around it.

    Args:
        text: what would be written.
        node: the expression of the pristine file that it takes the place of; in the first header
            of its statement, where that has blocks.
        meant: the syntax that it should be there.
        source: the pristine file.
    """
    statement = [item for item in _path_to(source.module, node) if isinstance(item, ast.stmt)][-1]
    (start, end), span = source.statement_span(statement), source.span(node)
    first = min((source.statement_span(block[0]).start for block in blocks(statement)), default=0)
    if first and span.start > first:
        return False
    before = source.data[start : span.start].decode()
    if is_elif(statement, source):
        before = before.removeprefix("el")
    code = f"{before}{text}{source.data[span.end : first or end].decode()}"
    code += "pass" if first else ""
    above = source.data[source.line_start(source.line_of(start)) : start].decode()
    if above and not above.strip():
        code = f"if 1:\n{above}{code}"
    parsed = parsed_statements(code)
    if parsed and above and not above.strip() and isinstance(parsed[0], ast.If):
        parsed = parsed[0].body if len(parsed) == 1 else None
    if not parsed or len(parsed) != 1 or type(parsed[0]) is not type(statement):
        return False
    return all(
        _equal_but(getattr(statement, name, None), getattr(parsed[0], name, None), node, meant)
        for name in statement._fields
        if not first or name not in {"body", "orelse", "finalbody", "handlers", "cases"}
    )


def _is_whole_expression(text: str, meant: ast.AST) -> bool:
    """Tell whether a text is one expression wherever one can stand, e.g. `a, b` is not."""
    statement = parsed_statement(f"f(k={text})")
    call = statement.value if isinstance(statement, ast.Expr) else None
    return (
        isinstance(call, ast.Call)
        and not call.args
        and len(call.keywords) == 1
        and equal(call.keywords[0].value, meant)
        and ("\n" not in text or _ends_its_lines(text))
    )


def _ends_its_lines(text: str) -> bool:
    """Tell whether all line ends of an expression are inside its own brackets."""
    return parsed_statement(text) is not None


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


def _equal_but(left: object, right: object, node: ast.expr, meant: ast.AST) -> bool:
    """Compare syntax, with `meant` for what `node` was."""
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
