"""What names stand for: imports, aliases and scopes."""

from __future__ import annotations

import ast

import pytest

from transforms.rules.names import Scope, own_statements, package_of


@pytest.mark.parametrize(
    ("code", "expression", "expected"),
    [
        ("import a", "a.b", {"a.b"}),
        ("import a.b", "a.b.c", {"a.b.c"}),
        ("import a.b as c", "c.d", {"a.b.d"}),
        ("from a import b", "b.c", {"a:b.c"}),
        ("from a import b as c", "c", {"a:b"}),
        ("from a import *", "b", {"builtins.b", "a.b"}),
        ("from . import b", "b", {"vllm.ops:b"}),
        ("from .a import b", "b", {"vllm.ops.a:b"}),
        ("from ..a import b", "b", {"vllm.a:b"}),
        ("from .... import b", "b", {":b"}),
        ("", "int", {"builtins.int"}),
        ("import a, c\nx = a if c else c", "x", {"a", "c"}),
        ("import a\nx = a.f()", "x", {"a.f()"}),
        ("import a\nx = a.f(3)", "x", set()),
        ("import a, functools as f\nx = f.partial(a.g, 3)", "x", {"a.g"}),
        ("import a\n[x, (y, *z)] = a, (a.b, a.c)", "y", {"a.b"}),
        ("import a\n[x, (y, *z)] = a, (a.b, a.c)", "z", set()),
        ("import a\nx, y = a", "x", set()),
        ("import a\nx = y = a", "y", {"a"}),
        ("x = y\ny = x", "x", set()),
        ("x = x", "x", set()),
        ("class A: ...", "A.b", {".A.b"}),
        ("def f(): ...", "f", set()),
        ("import a\nfor a in a: ...", "a", {"a"}),
        ("import a", "a[0]", set()),
        ("import a", "(lambda: a)", set()),
    ],
)
def test_says_what_an_expression_may_stand_for(
    code: str, expression: str, expected: set[str]
) -> None:
    scope = Scope(ast.parse(code), package=("vllm", "ops"))
    assert scope.origins(ast.parse(expression, mode="eval").body) == expected


def test_gives_the_functions_that_a_name_may_stand_for() -> None:
    module = ast.parse("def f(): ...\nif f:\n    def f(): ...\nf = 3\ndef g(f): ...\n")
    scope = Scope(module)
    inner = scope.inner(scope.definitions("g")[0])
    assert [each.lineno for each in scope.definitions("f")] == [1, 3]
    assert inner.definitions("f") == []
    assert inner.definitions("g") == scope.definitions("g")
    assert inner.definitions("h") == []


def test_walks_blocks_in_source_order_but_no_inner_scopes() -> None:
    code = """
if a:
    b
elif c:
    d
try:
    e
except f:
    g
finally:
    h
match i:
    case j:
        k
def l():
    m
n
"""
    found = [statement.lineno for statement in own_statements(ast.parse(code))]
    assert found == [2, 3, 4, 5, 6, 7, 9, 11, 12, 14, 15, 17]


def test_knows_the_package_of_a_module_and_of_a_package() -> None:
    assert package_of("vllm/ops/a.py") == ("vllm", "ops")
    assert package_of("vllm/ops/__init__.py") == ("vllm", "ops")
    assert package_of("setup.py") == ()
