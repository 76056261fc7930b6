"""What a piece of code parses to; None where it is none."""

from __future__ import annotations

import ast

from transforms.engine.syntax.source import parse


def parsed_statements(code: str | bytes) -> list[ast.stmt] | None:
    """Parse statements."""
    try:
        return parse(code).body
    except (SyntaxError, ValueError):
        return None


def parsed_statement(code: str | bytes) -> ast.stmt | None:
    """Parse one statement; None for several, too."""
    body = parsed_statements(code)
    return body[0] if body and len(body) == 1 else None


def parsed_expression(text: str) -> ast.expr | None:
    """Parse an expression as if it stood in parentheses."""
    only = parsed_statement(f"(\n{text}\n)")
    return only.value if isinstance(only, ast.Expr) else None
