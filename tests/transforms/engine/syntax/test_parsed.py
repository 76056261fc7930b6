"""What code parses to. The oracle is CPython's own compiler."""

from __future__ import annotations

import ast

import pytest

from transforms.engine.syntax.parsed import parsed_expression, parsed_statement, parsed_statements


@pytest.mark.parametrize("code", ["", "a", "a; b", "a\nb\n", "def f(): pass", "a b", "a\0", " a"])
def test_statements_are_what_python_has(code: str) -> None:
    try:
        count = len(compile(code, "m", "exec", ast.PyCF_ONLY_AST).body)  # type: ignore[attr-defined]
    except (SyntaxError, ValueError):
        assert parsed_statements(code) is None
        assert parsed_statement(code) is None
    else:
        assert len(parsed_statements(code) or []) == count
        assert (parsed_statement(code) is not None) == (count == 1)


@pytest.mark.parametrize("code", ["a", "a\n+ b", "a, b", "a # c", "a = 1", "*a", "a)\n(b", "a\nb"])
def test_an_expression_is_what_can_stand_in_parentheses(code: str) -> None:
    try:
        compile(f"(\n{code}\n)", "m", "eval")
    except SyntaxError:
        assert parsed_expression(code) is None
    else:
        assert parsed_expression(code) is not None
