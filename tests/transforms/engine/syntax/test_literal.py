"""Literals: which expressions hold elements, and what they hold."""

from __future__ import annotations

import ast

import pytest

from tests.transforms.trees import source_of
from transforms.engine.syntax.canonical import canonical
from transforms.engine.syntax.literal import (
    is_dict,
    is_literal,
    literal_elements,
    members,
    without,
    wrapped,
)
from transforms.engine.syntax.source import SourceError


def _expression(code: str) -> ast.expr:
    return ast.parse(code, mode="eval").body


@pytest.mark.parametrize(
    "code",
    ["[1, 2]", "(1, 2)", "{1, 2}", "set([1, 2])", "frozenset((1, 2))", "t.Literal[1, 2]"],
)
def test_elements_are_those_that_were_written(code: str) -> None:
    node = _expression(code)
    assert is_literal(node)
    assert not is_dict(node)
    assert [ast.unparse(item) for item in members(node) if isinstance(item, ast.expr)] == ["1", "2"]
    source = source_of(code)
    (statement,) = source.module.body
    assert isinstance(statement, ast.Expr)
    assert literal_elements(statement.value, source).texts == ["1", "2"]
    left = [
        ast.unparse(item)
        for item in members(without(node, {canonical(_expression("1"))}))
        if isinstance(item, ast.expr)
    ]
    assert left == ["2"]
    assert ast.unparse(node) == code


def test_the_elements_of_a_dict_are_pairs() -> None:
    node = _expression("{1: 2, **a}")
    assert is_dict(node)
    assert canonical(members(node)) == canonical(
        [[ast.Constant(1), ast.Constant(2)], [None, ast.Name("a")]]
    )
    assert ast.unparse(without(node, {canonical(members(node)[0])})) == "{**a}"


@pytest.mark.parametrize(
    "code", ["a", "'a'", "1", "set(a)", "set(k=1)", "f([1])", "List[int]", "[x for x in y]", "-1"]
)
def test_other_expressions_hold_no_elements(code: str) -> None:
    assert not is_literal(_expression(code))
    assert members(_expression(code)) == []
    with pytest.raises(SourceError, match="no literal"):
        literal_elements(_expression(code), source_of(code))


@pytest.mark.parametrize("code", ["set()", "frozenset()", "tuple()", "list()"])
def test_an_empty_call_takes_a_display(code: str) -> None:
    (one,), (two,) = wrapped(_expression(code), ["1"]), wrapped(_expression(code), ["1", "2"])
    name = code.removesuffix("()")
    for text, items in ((one, [1]), (two, [1, 2])):
        assert sorted(eval(f"{name}({text})")) == items  # noqa: S307
    assert wrapped(_expression("[1]"), ["2"]) == ["2"]
