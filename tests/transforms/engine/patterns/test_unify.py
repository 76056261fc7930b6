"""What fits on what."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from transforms.engine.patterns.pattern import Pattern
from transforms.engine.patterns.unify import equal, unify

if TYPE_CHECKING:
    from transforms.engine.patterns.unify import Bindings


def _expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _bound(pattern: str, code: str) -> dict[str, object] | None:
    found = unify(Pattern.parse(pattern).nodes[0], _expression(code), {})
    if found is None:
        return None
    return {
        name: [ast.unparse(item) for item in bound]
        if isinstance(bound, list)
        else ast.unparse(bound)
        for name, bound in found.items()
    }


@pytest.mark.parametrize(
    ("pattern", "code", "bound"),
    [
        ("$x", "f(a)", {"x": "f(a)"}),
        ("$x.type == 'cuda'", "self.device.type == 'cuda'", {"x": "self.device"}),
        ("$x or $y", "lambda: 1 or (yield)", None),
        ("$x == $x", "a.b == (a.b)", {"x": "a.b"}),
        ("$x == $x", "a.b == a.c", None),
        ("a[$x]", "a[1:2]", {"x": "1:2"}),
        ("a[$x]", "a[1, 2:3]", {"x": "(1, 2:3)"}),
        ("f($x)", "f(*a)", None),
        ("f($x)", "f(a := 1)", {"x": "(a := 1)"}),
        ("f($x)", "f(b for b in c)", {"x": "(b for b in c)"}),
        ("f(*$x)", "f(*a)", {"x": "a"}),
        ("f(**$x)", "f(**a)", {"x": "a"}),
        ("f(k=$x)", "f(k=1)", {"x": "1"}),
        ("f($$x)", "f()", {"x": []}),
        ("f($$x)", "f(1, *b, k=2, **c)", {"x": ["1", "*b", "k=2", "**c"]}),
        ("f($$x, k=$v)", "f(1, j=2, k=3)", {"x": ["1", "j=2"], "v": "3"}),
        ("f($a, $$x)", "f(1, 2, 3)", {"a": "1", "x": ["2", "3"]}),
        ("f($$x, $a)", "f(1, 2, 3)", {"x": ["1", "2"], "a": "3"}),
        ("f($$x, $a)", "f(1, 2, k=3)", None),
        ("f($a, $$x)", "f()", None),
        ("f($$x, 0, $$y)", "f(1, 0, 2, 0, k=3)", {"x": ["1", "0", "2"], "y": ["k=3"]}),
        ("f($$x) + g($$x)", "f(1, k=2) + g(1, k=2)", {"x": ["1", "k=2"]}),
        ("f($$x) + g($$x)", "f(j=1, k=2) + g(k=2, j=1)", {"x": ["j=1", "k=2"]}),
        ("f($$x) + g($$x)", "f(1, k=2) + g(1, k=3)", None),
        ("f($$x) + g($$x)", "f(1, 2) + g(2, 1)", None),
        ("[$a, $$x]", "[1, *b]", {"a": "1", "x": ["*b"]}),
        ("($$x,)", "()", {"x": []}),
    ],
)
def test_metavariables_bind_what_stands_there(
    pattern: str, code: str, bound: dict[str, object] | None
) -> None:
    assert _bound(pattern, code) == bound


def test_what_was_bound_before_is_not_changed_by_a_failure() -> None:
    bindings: Bindings = {"x": _expression("a")}
    assert unify(Pattern.parse("$x + $y").nodes[0], _expression("b + c"), bindings) is None
    assert list(bindings) == ["x"]


def test_equal_code_is_equal_in_both_directions() -> None:
    short, long = _expression("f(a)"), _expression("f(a, k=1)")
    assert not equal(short, long)
    assert not equal(long, short)
    assert equal([short, long], [_expression("f( a )"), _expression("f(a, k = 1)")])
    assert not equal([short], [short, long])
