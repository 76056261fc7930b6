"""Whether a call fits parameters is what CPython says when it calls."""

from __future__ import annotations

import ast
from itertools import product

import pytest

from transforms.engine.checks.parameters import Parameters

PARAMETERS = [
    "",
    "a",
    "a, b",
    "a, b=1",
    "a, /, b",
    "a, /, b=1, *, c",
    "*, c, d=1",
    "a, *r",
    "a=1, *r, c",
    "a, **k",
    "a, /, **k",
    "*r, **k",
    "a, b=1, /, c=2, *, d, e=3, **k",
]
CALLS = [
    "",
    "1",
    "1, 2",
    "1, 2, 3",
    "a=1",
    "1, a=1",
    "1, b=2",
    "c=1",
    "1, c=1",
    "1, c=1, d=2",
    "1, 2, c=3, d=4",
    "z=1",
    "b=2, a=1",
    "1, 2, 3, d=4, z=5",
]


def _function(parameters: str) -> ast.arguments:
    (function,) = ast.parse(f"def f({parameters}): pass").body
    assert isinstance(function, ast.FunctionDef)
    return function.args


def _call(arguments: str) -> ast.Call:
    call = ast.parse(f"f({arguments})", mode="eval").body
    assert isinstance(call, ast.Call)
    return call


def _really_fits(parameters: str, arguments: str) -> bool:
    space: dict[str, object] = {}
    exec(f"def f({parameters}): pass", space)  # noqa: S102 - our own
    try:
        eval(f"f({arguments})", space)  # noqa: S307 - our own
    except TypeError:
        return False
    return True


@pytest.mark.parametrize("parameters", PARAMETERS)
def test_a_call_fits_where_python_binds_it(parameters: str) -> None:
    found = Parameters.of(_function(parameters))
    for arguments in CALLS:
        assert found.fits(_call(arguments)) == _really_fits(parameters, arguments), arguments


@pytest.mark.parametrize("arguments", ["*a", "1, **k", "*a, b=1"])
def test_of_a_call_with_stars_nobody_can_tell(arguments: str) -> None:
    assert Parameters.of(_function("a")).fits(_call(arguments)) is None


def test_a_method_is_called_without_its_first_parameter() -> None:
    for text in ("self, a, /", "self, a", "*a", "self=None"):
        method = Parameters.of(_function(text)).without_first()
        assert method.fits(_call("1")) == (text != "self=None"), text


def test_parameters_are_the_same_where_the_same_calls_fit() -> None:
    every = {text: Parameters.of(_function(text)) for text in PARAMETERS}
    for (left, one), (right, other) in product(every.items(), every.items()):
        assert one.same_calls(other) == (left == right)
    annotated = Parameters.of(_function("a: int, b: str = 'x'"))
    assert annotated.same_calls(every["a, b=1"])
