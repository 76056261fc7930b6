"""What fits on what."""

from __future__ import annotations

import ast

import pytest

from transforms.engine.pattern import Pattern
from transforms.engine.unify import equal, unify


def _expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _fits(pattern: str, code: str) -> bool:
    wanted = Pattern.parse(pattern)
    (there,) = ast.parse(code).body
    node = there.value if wanted.is_expression and isinstance(there, ast.Expr) else there
    return unify(wanted.nodes[0], node, {}) is not None


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


_CONSTANTS = ["1", "True", "1.0", "1j", "'1'", "b'1'", "None", "...", "0", "False", "''", "b''"]


@pytest.mark.parametrize("left", _CONSTANTS)
@pytest.mark.parametrize("right", _CONSTANTS)
def test_constants_of_different_types_differ(left: str, right: str) -> None:
    assert _fits(left, right) is (left == right)


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        ('"ab"', "'a' 'b'"),
        ("'a\\n'", '"""a\n"""'),
        ("u'a'", "'a'"),
        ("0x10", "16"),
        ("1_000", "1000"),
        ("f'a{b}'", 'f"a" f"{b}"'),
        ("(a)", "a"),
        ("(a + b) + c", "a + b + c"),
        ("f(a, b,)", "f(a,\n  b)"),
        ("f(a, k=1, j=2)", "f(a, j=2, k=1)"),
        ("f(**a, k=1)", "f(k=1, **a)"),
        ("[x for x in y if z]", "[x\n for x in y  # why\n if z]"),
        ("not (a in b)", "not a in b"),
        ("class A(B, m=1, n=2): pass", "class A(B, n=2, m=1):\n    pass"),
        ("from m import (a, b)", "from m import a, b"),
        ("del (a)", "del a"),
        ("assert (a)", "assert a"),
        ("@d\ndef f(a, *, b=1): return a", "@(d)\ndef f(a, *, b = 1,):\n    return (a)"),
    ],
)
def test_formatting_never_matters(pattern: str, code: str) -> None:
    assert _fits(pattern, code)


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        ("a + b + c", "a + (b + c)"),
        ("a < b", "b > a"),
        ("f(a, b)", "f(b, a)"),
        ("f(k=1)", "f(1)"),
        ("f(a)", "f(a, k=1)"),
        ("f(a, k=1)", "f(a)"),
        ("f(k=1)", "f(k=1, **rest)"),
        ("(a,)", "[a]"),
        ("f'a'", "'a'"),
        ("-1", "1"),
        ("a.b", "a"),
        ("not a in b", "a not in b"),
        ("class A: pass", "class A(metaclass=M): pass"),
        ("class A(B): pass", "class A: pass"),
        ("class A(B, m=1): pass", "class A(B): pass"),
        ("def f(): pass", "async def f(): pass"),
        ("def f(): pass", "@d\ndef f(): pass"),
        ("def f(): pass", "def f() -> None: pass"),
        ("import a", "import a as b"),
        ("from m import a, b", "from m import a"),
        ("from .m import a", "from m import a"),
        ("x = 1", "x: int = 1"),
        ("x += 1", "x = 1"),
        ("if a: b", "if a: b\nelse: c"),
        ("for x in y: z", "async def f():\n    async for x in y: z"),
        ("with a as b: pass", "with a: pass"),
    ],
)
def test_other_code_does_not_fit(pattern: str, code: str) -> None:
    assert not _fits(pattern, code)


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
    bindings = {"x": _expression("a")}
    assert unify(Pattern.parse("$x + $y").nodes[0], _expression("b + c"), bindings) is None
    assert list(bindings) == ["x"]


def test_equal_code_is_equal_in_both_directions() -> None:
    short, long = _expression("f(a)"), _expression("f(a, k=1)")
    assert not equal(short, long)
    assert not equal(long, short)
    assert equal([short, long], [_expression("f( a )"), _expression("f(a, k = 1)")])
    assert not equal([short], [short, long])
