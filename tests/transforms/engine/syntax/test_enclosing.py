"""Where a definition stands."""

from __future__ import annotations

import ast

import pytest

from tests.transforms.executed import executed
from transforms.engine.syntax.enclosing import enclosing, following, last_name
from transforms.engine.syntax.source import parse

_CODE = """
if True:
    class A:
        try:
            def f(self):
                with open(0):
                    def g():
                        return g
                return g
        finally:
            x = 1
        y = 2
"""


def test_the_definitions_around_one_are_those_of_its_qualified_name() -> None:
    module = parse(_CODE)
    inner = next(node for node in ast.walk(module) if getattr(node, "name", "") == "g")
    assert isinstance(inner, ast.FunctionDef)
    names = [item.name for item in enclosing(module, inner)]
    code = executed(_CODE.replace("open(0)", "__import__('io').BytesIO()")).A().f()
    assert names == code.__qualname__.replace("<locals>.", "").split(".")


def test_a_definition_of_another_tree_is_nowhere() -> None:
    (other,) = parse("def g(): pass").body
    assert isinstance(other, ast.FunctionDef)
    assert enclosing(parse(_CODE), other) == []
    assert following(parse(_CODE), other) == []


def test_what_follows_is_in_the_same_block() -> None:
    module = parse(_CODE)
    statements = {
        ast.unparse(node): node for node in ast.walk(module) if isinstance(node, ast.stmt)
    }
    attempt = next(node for node in statements.values() if isinstance(node, ast.Try))
    assert [ast.unparse(item) for item in following(module, attempt)] == ["y = 2"]
    assert following(module, statements["x = 1"]) == []


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("a", "a"),
        ("a.b", "b"),
        ("a.b(1)(2)", "b"),
        ("a.b[c]", "b"),
        ("a().b", "b"),
        ("1", ""),
        ("a + b", ""),
    ],
)
def test_the_last_name_of_a_decorator_or_base(code: str, name: str) -> None:
    (statement,) = parse(code).body
    assert isinstance(statement, ast.Expr)
    assert last_name(statement.value) == name
