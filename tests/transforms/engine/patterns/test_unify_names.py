"""What is bound where a name is no expression, and in the lists that only some syntax has."""

from __future__ import annotations

import ast

import pytest

from transforms.engine.patterns.parts import Item, Slot, arguments
from transforms.engine.patterns.pattern import Pattern
from transforms.engine.patterns.unify import unify


def _bound_by(pattern: str, code: str) -> dict[str, object] | None:
    """Give what the one statement of a pattern binds in the one statement of some code."""
    body = ast.parse(code).body
    found = unify(Pattern.parse(pattern, statements=True).nodes[0], body[0], {})
    return None if found is None else {name: _written(bound) for name, bound in found.items()}


def _written(bound: ast.AST | list[ast.AST]) -> object:
    if isinstance(bound, list):
        return [_written(item) for item in bound]
    if isinstance(bound, Slot):
        return ast.unparse(arguments([bound])) if bound.parameter else bound.stars
    if isinstance(bound, Item):
        return f"{ast.unparse(bound.key) if bound.key else '**'}: {ast.unparse(bound.value)}"
    return ast.unparse(bound)


@pytest.mark.parametrize(
    ("pattern", "code", "bound"),
    [
        ("$x.$n", "a.b.c", {"x": "a.b", "n": "c"}),
        ("$n.$n", "a.a", {"n": "a"}),
        ("$n.$n", "a.b", None),
        ("$x.$n()", "a.b", None),
        ("def $f(): $f()", "def a(): a()", {"f": "a"}),
        ("def $f(): $f()", "def a(): b()", None),
        ("def $f(): $f()", "def a(): b.a()", None),
        ("class $C: $C", "class A: A", {"C": "A"}),
        ("def f($p): return $p", "def f(a): return a", {"p": "a"}),
        ("def f($p): pass", "def f(a: int): pass", None),
        ("def f($p: $t = $d): pass", "def f(a: b = c): pass", {"p": "a", "t": "b", "d": "c"}),
        ("def f($p): pass", "def f(*a): pass", None),
        ("def f(*$p): pass", "def f(*a): pass", {"p": "a"}),
        ("def f(**$p): pass", "def f(**a): pass", {"p": "a"}),
        ("def f(*$p): pass", "def f(*, a): pass", None),
        ("lambda $p: $p", "lambda a: a", {"p": "a"}),
        ("f($k=$k)", "f(a=a)", {"k": "a"}),
        ("f($k=1)", "f(b=1)", {"k": "b"}),
        ("f($k=1)", "f(**b)", None),
        ("f($k=1, a=2)", "f(a=2, b=1)", {"k": "b"}),
        ("f($k=1)", "f(a=2, b=1)", None),
        ("f($$r, $k=1)", "f(0, a=2, b=1)", {"k": "b", "r": ["0", "a=2"]}),
        ("f($j=$v, $k=$v)", "f(a=1, b=2, c=1)", None),
        ("f($j=$v, $k=$v, l=2)", "f(a=1, l=2, c=1)", {"j": "a", "k": "c", "v": "1"}),
        ("f($j=$x, $x=1)", "f(a=1, b=a)", {"j": "b", "x": "a"}),
        ("class A($k=$v): pass", "class A(metaclass=M): pass", {"k": "metaclass", "v": "M"}),
        ("import $m", "import a.b", {"m": "a.b"}),
        ("import $m", "import a as b", None),
        ("import $m as $n", "import a.b as c", {"m": "a.b", "n": "c"}),
        ("from $m import $n", "from a.b import c", {"m": "a.b", "n": "c"}),
        ("from $m import $n", "from .a import c", None),
        ("from .$m import $n", "from .a import c", {"m": "a", "n": "c"}),
        ("from .$m import $n", "from . import c", None),
        ("from $m import $n", "from a import *", None),
        ("from $m import *", "from a import *", {"m": "a"}),
        ("from $m import $n", "from a import b, c", None),
        ("from $m import $n as $n", "from a import b as b", {"m": "a", "n": "b"}),
        ("from __future__ import $n", "from __future__ import annotations", {"n": "annotations"}),
        ("global $x", "global a", {"x": "a"}),
        ("global $x", "global a, b", None),
        ("global $x, $y", "global a, b", {"x": "a", "y": "b"}),
        (
            "try: pass\nexcept $t as $e: $e",
            "try: pass\nexcept a.E as b: b",
            {"t": "a.E", "e": "b"},
        ),
        ("try: pass\nexcept $t as $e: pass", "try: pass\nexcept E: pass", None),
        ("match a:\n    case $x: pass", "match a:\n    case b: pass", {"x": "b"}),
        ("match a:\n    case $x: pass", "match a:\n    case _: pass", None),
        ("match a:\n    case C($k=1): pass", "match a:\n    case C(b=1): pass", {"k": "b"}),
        ("match a:\n    case [*$x]: pass", "match a:\n    case [*b]: pass", {"x": "b"}),
    ],
)
def test_a_name_that_is_no_expression_is_bound_as_one(
    pattern: str, code: str, bound: dict[str, object] | None
) -> None:
    assert _bound_by(pattern, code) == bound


@pytest.mark.parametrize(
    ("pattern", "code", "bound"),
    [
        ("def f($$p): pass", "def f(): pass", {"p": []}),
        (
            "def f($$p): pass",
            "def f(a, /, b: int, c=1, *d, e, f=2, **g): pass",
            {"p": ["a", "/", "b: int", "c=1", "*d", "e", "f=2", "**g"]},
        ),
        ("def f($$p): pass", "def f(*, a): pass", {"p": ["*", "a"]}),
        ("def f(self, $$p): pass", "def f(self, a=1): pass", {"p": ["a=1"]}),
        ("def f(self, $$p): pass", "def f(this, a=1): pass", None),
        ("def f(self, $$p): pass", "def f(self=1): pass", None),
        ("def f(a=1, $$p): pass", "def f(a=1, *b): pass", {"p": ["*b"]}),
        ("def f($$p, a): pass", "def f(b, /, *, c, a): pass", {"p": ["b", "/", "*", "c"]}),
        ("def f($$p, **k): pass", "def f(a, **k): pass", {"p": ["a"]}),
        ("def f($$p, *, a, $$q): pass", "def f(*, a): pass", {"p": [], "q": []}),
        ("def f($$p, *, a, $$q): pass", "def f(b, *, a, c): pass", {"p": ["b"], "q": ["c"]}),
        ("def f($$p, *, a, $$q): pass", "def f(b, *d, a, c): pass", None),
        ("def f($$p): lambda $$p: 1", "def f(a, *b): lambda a, *b: 1", {"p": ["a", "*b"]}),
        ("def f($$p): lambda $$p: 1", "def f(a, *b): lambda a, b: 1", None),
        ("lambda $$p: 1", "lambda *a, b=1: 1", {"p": ["*a", "b=1"]}),
        ("from a import $$n", "from a import b, c as d", {"n": ["b", "c as d"]}),
        ("from a import $$n, b", "from a import c, b, d", {"n": ["c", "d"]}),
        ("from a import b, $$n", "from a import c, d", None),
        ("from a import $x, $$n, b", "from a import b, c, d", {"x": "c", "n": ["d"]}),
        ("from a import $$n", "from a import *", {"n": ["*"]}),
        ("import $$n", "import a.b, c", {"n": ["a.b", "c"]}),
        ("with $$i: pass", "with a as b, (c): pass", {"i": ["a as b", "c"]}),
        ("with a as b, $$i: pass", "with a as b: pass", {"i": []}),
        ("with $$i: pass", "async def f():\n    async with a: pass", None),
        ("@$$d\ndef f(): pass", "@a\n@b(1)\ndef f(): pass", {"d": ["a", "b(1)"]}),
        ("@$$d\n@b\ndef f(): pass", "@a\n@b\ndef f(): pass", {"d": ["a"]}),
        ("@$$d\ndef f(): pass", "def f(): pass", {"d": []}),
        ("{$$i, 'a': 1}", "{b: 2, **c, 'a': 1}", {"i": ["b: 2", "**: c"]}),
        ("{'a': 1, $$i}", "{'a': 1}", {"i": []}),
        ("{'a': 1, $$i}", "{'b': 1, 'a': 1}", None),
        ("a[$$i, 1]", "a[0, 2:3, 1]", {"i": ["0", "2:3"]}),
    ],
)
def test_many_things_are_bound_in_every_list(
    pattern: str, code: str, bound: dict[str, object] | None
) -> None:
    assert _bound_by(pattern, code) == bound


def test_a_header_fits_whatever_stands_below_it() -> None:
    assert _bound_by("if $c:", "if a: b\nelse: d") == {"c": "a"}
    assert _bound_by("def f($$p):", "@d\ndef f(a):\n    'doc'") == {"p": ["a"]}
    assert _bound_by("def f($$p):", "async def f(a): pass") is None
    assert _bound_by("def f($$p):", "def f(a) -> int: pass") is None
    assert _bound_by("class C($$b):", "class C(A, k=1): x = 1") == {"b": ["A", "k=1"]}
