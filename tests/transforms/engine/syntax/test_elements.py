"""The elements of comma-separated lists: where each begins and ends, whatever stands around it."""

from __future__ import annotations

import ast
import inspect
import sys

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.transforms.trees import source_of
from transforms.engine.syntax.elements import (
    Elements,
    base_elements,
    call_elements,
    display_elements,
    import_elements,
    parameter_elements,
    subscript_elements,
)


def elements_of(code: str) -> Elements:
    """Give the elements of the first list in a module."""
    source = source_of(code)
    for node in ast.walk(source.module):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return parameter_elements(node, source)
        if isinstance(node, ast.ClassDef):
            return base_elements(node, source)
        if isinstance(node, ast.ImportFrom):
            return import_elements(node, source)
        if isinstance(node, ast.Call):
            return call_elements(node, source)
        if isinstance(node, ast.Subscript):
            return subscript_elements(node, source)
        if isinstance(node, (ast.List, ast.Tuple, ast.Set, ast.Dict)):
            return display_elements(node, source)
    raise AssertionError(code)


@pytest.mark.parametrize(
    ("code", "texts"),
    [
        ("[a, (b), *c]", ["a", "(b)", "*c"]),
        ("[((a)), (b, c), # x, y\n d,]", ["((a))", "(b, c)", "d"]),
        ("[]", []),
        ("[ # x, y\n]", []),
        ("{a, (b)}", ["a", "(b)"]),
        ("{a: (b), (c): d, **e}", ["a: (b)", "(c): d", "**e"]),
        ("{}", []),
        ("()", []),
        ("(a,)", ["a"]),
        ("((a), (b))", ["(a)", "(b)"]),
        ("(((a)), b)", ["((a))", "b"]),
        ("x = a, (b)", ["a", "(b)"]),
        ("x = (a), (b)", ["(a)", "(b)"]),
        ("x = (a, b), (c)", ["(a, b)", "(c)"]),
        ("x = a,", ["a"]),
        ("return_ = (\n  # one, two\n  a,  # b, c\n  d\n)", ["a", "d"]),
        ("f()", []),
        ("f(a, *b, k=(c), **d)", ["a", "*b", "k=(c)", "**d"]),
        ("f(k=1, *b)", ["k=1", "*b"]),
        ("f(j='(,', k=lambda x, y: x)", ["j='(,'", "k=lambda x, y: x"]),
        ("(f  # (\n)(a, '(,', \",\")", ["a", "'(,'", '","']),
        ("f((x for x in y))", ["(x for x in y)"]),
        ("f(x for x in y)", ["x for x in y"]),
        ("f(a, lambda x, y: (x, y))", ["a", "lambda x, y: (x, y)"]),
        ("Literal['a']", ["'a'"]),
        ("Literal['a', ('b')]", ["'a'", "('b')"]),
        ("Literal[('a', 'b')]", ["'a'", "'b'"]),
        ("Literal[('a'), ('b')]", ["('a')", "('b')"]),
        ("Literal['a',]", ["'a'"]),
        ("def f(): pass", []),
        ("def f(a, /, b: (int) = (1), *, c=(2,), **d) -> (x): pass", None),
        ("def f(*args: int, c): pass", None),
        ("async def f(a  # , (\n, b,): pass", None),
        ("def f(a: Tuple[int, (str)] = ((1), 'é)'), *, b): pass", None),
        ("class A: x = 1", []),
        ("class A(): pass", []),
        ("class A(B, (C), metaclass=(M)): pass", ["B", "(C)", "metaclass=(M)"]),
        ("from a import b, c as d", ["b", "c as d"]),
        ("from a import (  # e, f\n  b,\n  c as d,\n)", ["b", "c as d"]),
        ("from ..importing . x import b", ["b"]),
        ("from a import *", ["*"]),
    ],
)
def test_each_element_has_its_bytes(code: str, texts: list[str] | None) -> None:
    if texts is None:
        elements = elements_of(code)
        names = [item.strip("*").split(":")[0].split("=")[0] for item in elements.texts]
        # CPython says what the parameters are; markers are no parameters.
        assert [name for name in names if name not in {"", "/"}] == _parameters(code)
        return
    assert elements_of(code).texts == texts


def _parameters(code: str) -> list[str]:
    scope: dict[str, object] = {}
    exec(f"from __future__ import annotations\n{code}", scope)  # noqa: S102 - it is our own code
    function = scope["f"]
    assert callable(function)
    return list(inspect.signature(function).parameters)


def test_bare_stars_and_slashes_are_elements() -> None:
    assert elements_of("def f(a, /, b, *, c): pass").texts == ["a", "/", "b", "*", "c"]


def test_a_comma_belongs_to_the_element_before_it() -> None:
    code = "f((a), # x, y\n b)"
    first, last = elements_of(code).items
    assert (first.comma, last.comma) == (code.index(","), None)
    assert elements_of("[a,]").items[0].comma == 2


@pytest.mark.skipif(sys.version_info < (3, 12), reason="PEP 695 is Python 3.12's")
def test_type_parameters_are_not_parameters() -> None:
    assert elements_of("def f[T: (int, str), *U](a: T): pass").texts == ["a: T"]
    assert elements_of("class A[T: (int)]: pass").items == ()
    assert elements_of("class A[T: (int)](B): pass").texts == ["B"]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_columns_are_bytes_and_lines_end_as_they_do(newline: str) -> None:
    source = source_of(f"x = [{newline}  'é', # ü,{newline}  ('ñ'),{newline}]".encode())
    (node,) = [item for item in ast.walk(source.module) if isinstance(item, ast.List)]
    assert display_elements(node, source).texts == ["'é'", "('ñ')"]


_ITEM = st.sampled_from(
    ["a", "(b)", "((c, d))", "'x, (y'", "f(g, h=1)", "[1, 2]", "lambda x, y: x", "f'{a, b}'"]
)
_GAP = st.sampled_from(["", " ", "\n", "  # one, (two\n", "\n\n # '\n  "])


@given(
    items=st.lists(st.tuples(_GAP, _ITEM, _GAP), max_size=6),
    comma=st.sampled_from([",", ""]),
    end=_GAP,
)
@pytest.mark.parametrize("around", ["[]", "{}", "f()", "Literal[]"])
def test_what_was_put_between_commas_is_found_again(
    around: str, items: list[tuple[str, str, str]], comma: str, end: str
) -> None:
    # `x[]` is no Python, and `x[(a, b)]` is `x[a, b]`.
    assume(around != "Literal[]" or len(items) > 1)
    listed = ",".join("".join(item) for item in items)
    tail = comma + end if items else end
    code = f"{around[:-1]}{listed}{tail}{around[-1]}"
    assert elements_of(code).texts == [item for _, item, _ in items]
