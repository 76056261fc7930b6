"""The parts of a wrapper's text; what Python makes of it is tested with `WrapFunction`."""

from __future__ import annotations

import ast

import pytest

from tests.transforms.trees import source_of
from transforms.engine.syntax.enclosing import enclosing
from transforms.engine.syntax.source import SourceError
from transforms.engine.writing.wrapper import Wrapper, parsed_function


def _wrapper(code: str, number: int = 0) -> Wrapper:
    source = source_of(code)
    found: list[ast.FunctionDef | ast.AsyncFunctionDef] = [
        node
        for node in ast.walk(source.module)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]
    node = found[number]
    outer = tuple(enclosing(source.module, node)[:-1])
    return Wrapper(public=node, original=node, outer=outer, source=source)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("def f(): pass", "f"),
        ("class A:\n class B:\n  def f(s): pass", "A_B_f"),
        ("class A:\n def f_(s): pass", "A_f__"),
        ("class A:\n def __init__(s): pass", "A___init__"),
        ("class A:\n @x.setter\n def x(s, v): pass", "A_x_setter"),
        ("class A:\n @x.deleter\n def x(s): pass", "A_x_deleter"),
        ("class A:\n @property\n def x(s): pass", "A_x"),
    ],
)
def test_the_private_name_says_where_the_function_stands(code: str, name: str) -> None:
    assert _wrapper(code).private == f"_wheelwright_original_{name}"


@pytest.mark.parametrize(
    ("code", "call"),
    [
        ("def f(a, /, b=1, *c, d, **e): pass", "W(a, b, *c, d=d, **e)"),
        ("def f(*, a): pass", "W(a=a)"),
        ("def f(): pass", "W()"),
        ("class A:\n def f(s): pass", "__class__.W(s)"),
        ("class A(t.NamedTuple):\n def f(s): pass", "A.W(s)"),
        ("def g():\n class O:\n  class A(NamedTuple):\n   def f(s): pass", "O.A.W(s)"),
    ],
)
def test_the_call_hands_on_what_was_given(code: str, call: str) -> None:
    wrapper = _wrapper(code, -1)
    assert wrapper.call.replace(wrapper.private, "W") == call


@pytest.mark.parametrize(
    ("code", "receiver"),
    [
        ("def f(a): pass", ""),
        ("class A:\n def f(this, /): pass", "this"),
        ("class A:\n @classmethod\n def f(cls): pass", "cls"),
        ("class A:\n @staticmethod\n def f(a): pass", ""),
        ("class A:\n @abc.abstractstaticmethod\n def f(a): pass", ""),
        ("class A:\n def __new__(cls): pass", ""),
    ],
)
def test_what_the_original_is_bound_to(code: str, receiver: str) -> None:
    assert _wrapper(code).receiver == receiver


@pytest.mark.parametrize("parameters", ["", "*self", "*, self", "**self"])
def test_without_a_first_parameter_there_is_nothing_to_bind_to(parameters: str) -> None:
    with pytest.raises(SourceError, match=r"no first parameter to bind `\$original` to"):
        assert _wrapper(f"class A:\n def f({parameters}): pass").receiver


def test_only_one_function_is_a_wrapper() -> None:
    assert parsed_function("x = 1") is None
    assert parsed_function("def f(:") is None
    assert parsed_function("def f(): pass\ndef g(): pass") is None
    assert parsed_function("async def f(): pass") is not None
