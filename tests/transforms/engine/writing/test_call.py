"""Calls: found by what is called, and never left with other arguments than those meant."""

from __future__ import annotations

import ast

import pytest

from tests.transforms.trees import source_of, spliced
from transforms.engine.patterns.metavariables import PatternError
from transforms.engine.syntax.source import SourceError
from transforms.engine.writing.call import (
    Argument,
    call_pattern,
    in_order,
    with_argument,
    without_argument,
)


@pytest.mark.parametrize(
    ("called", "found"),
    [
        ("g", ["g(1)", "g()", "g(*a, k=2)"]),
        ("$x.run", ["h(3).run()", "self.a.run(b)"]),
        ("h(3).run", ["h(3).run()"]),
        ("a or b", ["(a or b)()"]),
    ],
)
def test_calls_are_found_whatever_their_arguments(called: str, found: list[str]) -> None:
    code = "g(1); g(); g(*a, k=2); h(3).run(); self.a.run(b); (a or b)(); g; x.g()\n"
    matches = call_pattern(called).matches(source_of(code).module)
    assert sorted(ast.unparse(match.nodes[0]) for match in matches) == sorted(found)


@pytest.mark.parametrize("called", ["g()", "x = 1", "", "def f():", "@d"])
def test_a_pattern_is_of_what_is_called(called: str) -> None:
    with pytest.raises(PatternError):
        call_pattern(called)


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("x", "", "x"),
        ("x=1", "x", "1"),
        (" x = y == 2", "x", "y == 2"),
        ("x == 1", "", "x == 1"),
        ("*x", "*", "x"),
        ("** x", "**", "x"),
        ("é=f(a=1)", "é", "f(a=1)"),
    ],
)
def test_an_argument_is_read_as_python_reads_it(text: str, name: str, value: str) -> None:
    argument = Argument.parse(text, frozenset())
    assert argument.name == name
    (statement,) = ast.parse(f"f({text})").body
    assert isinstance(statement, ast.Expr)
    call = statement.value
    assert isinstance(call, ast.Call)
    assert ast.dump(argument.node({})) == ast.dump([*call.args, *call.keywords][0])
    assert ast.unparse(argument.value.pattern.nodes[0]) == value


def test_arguments_have_the_order_of_the_source() -> None:
    source = source_of("g(k=1, *a, j=2)\n")
    (match,) = call_pattern("g").matches(source.module)
    (call,) = match.nodes
    assert isinstance(call, ast.Call)
    texts = [source.text(source.span(item)) for item in in_order(call, source)]
    assert texts == ["k=1", "*a", "j=2"]
    site = without_argument(call, call.args[0], source)
    assert spliced("g(k=1, *a, j=2)\n", [site]) == "g(k=1, j=2)\n"


def test_what_python_does_not_allow_there_is_refused() -> None:
    source = source_of("g(k=1, *a)\n")
    (match,) = call_pattern("g").matches(source.module)
    (call,) = match.nodes
    assert isinstance(call, ast.Call)
    with pytest.raises(SourceError, match="'x' cannot be written there"):
        with_argument(call, Argument.parse("x", frozenset()), {}, None, source)
