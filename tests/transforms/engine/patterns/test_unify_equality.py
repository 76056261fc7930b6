"""Which spellings are the same code, and which are not."""

from __future__ import annotations

import ast

import pytest

from transforms.engine.patterns.pattern import Pattern
from transforms.engine.patterns.unify import unify


def _fits(pattern: str, code: str) -> bool:
    wanted = Pattern.parse(pattern)
    (there,) = ast.parse(code).body
    node = there.value if wanted.is_expression and isinstance(there, ast.Expr) else there
    return unify(wanted.nodes[0], node, {}) is not None


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
        ("0b11 + 0o17", "3 + 15"),
        ("1e3", "1000.0"),
        ("1.0j", "1J"),
        (r'"\x41"', "'A'"),
        ("b'a' b'b'", 'b"ab"'),
        ("'a' f'{b}' 'c'", "f'a{b}c'"),
        ("r'\\d'", "'\\\\d'"),
        ("f(a)(b)", "(f)(a)((b))"),
        ("(a, b)", "(a, (b),)"),
        ("[a, b]", "[\n  a,  # first\n  b,\n]"),
        ("{a: b}", "{(a): (b),}"),
        ("a[b, c]", "a[(b, c)]"),
        ("lambda: (a)", "lambda : a"),
        ("await (a)", "await a"),
        ("f(a for a in b)", "f((a for a in b))"),
        ("f(k=1, *a)", "f(*a, k=1)"),
        ("return (a, b)", "return a, b"),
        ("for a, b in c: d", "for (a, b) in (c): d"),
        ("a, b = c", "(a, b) = (c)"),
        ("with a as b, c: pass", "with (a as b, c,): pass"),
        ("import a.b", "import a . b"),
        ("from . import a", "from  .  import (a,)"),
        ("from ... import a", "from . .. import a"),
        ("from m import a, b", "from m import b, a"),
        ("from m import a as b, c", "from m import c, a as b"),
        ("raise (E) from (a)", "raise E from a"),
        ("class A: pass", "class A(): pass"),
        ("def f(a, b): pass", "def f(a, b,): pass"),
        ("if a: b", "if (a):\n    b;"),
        ("x: int = 1", "x : (int) = (1)"),
        ("x = yield", "x = (yield)"),
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
        ("f(**a, **b)", "f(**b, **a)"),
        ("f(**a)", "f(**a, **b)"),
        ("f(a=a)", "f(a)"),
        ("f(*a)", "f(a)"),
        ("'ab'", "b'ab'"),
        ("'a'", "'A'"),
        ("1000", "1000.0"),
        ("0", "-0"),
        ("(x): int = 1", "x: int = 1"),
        ("x = a,", "x = a"),
        ("x = 1", "x == 1"),
        ("(a, b, c)", "((a, b), c)"),
        ("{a: b}", "{a, b}"),
        ("{a: 1, b: 2}", "{b: 2, a: 1}"),
        ("{**a, b: 1}", "{b: 1, **a}"),
        ("[a, b]", "[b, a]"),
        ("f(a)[b]", "f(a[b])"),
        ("a[b:]", "a[:b]"),
        ("a[b]", "a[b,]"),
        ("a[b:c]", "a[b:c:None]"),
        ("f'{a}'", "f'{a!r}'"),
        ("f'{a:b}'", "f'{a:c}'"),
        ("lambda a: 1", "lambda a=1: 1"),
        ("def f(a, /): pass", "def f(a): pass"),
        ("def f(*, a): pass", "def f(a): pass"),
        ("def f(*a): pass", "def f(a): pass"),
        ("def f(*, a): pass", "def f(*b, a): pass"),
        ("def f(**a): pass", "def f(*a): pass"),
        ("def f(a: int): pass", "def f(a): pass"),
        ("def f(a, b=1): pass", "def f(a=1, b=1): pass"),
        ("def f(*, a=1, b): pass", "def f(*, a, b=1): pass"),
        ("@a\n@b\ndef f(): pass", "@b\n@a\ndef f(): pass"),
        ("@a\ndef f(): pass", "@a()\ndef f(): pass"),
        ("from . import a", "from .. import a"),
        ("from .m import a", "from . import a"),
        ("from m import a", "from m import *"),
        ("from m import a", "from m import a, b"),
        ("from m import a", "from m import a as b"),
        ("from m import a as b", "from m import b as a"),
        ("import a.b", "import a"),
        ("import a, b", "import b, a"),
        ("from __future__ import a", "from future import a"),
        ("del a", "del a, b"),
        ("global a", "nonlocal a"),
        ("return", "return None"),
        ("try: a\nexcept E: b", "try: a\nexcept E as e: b"),
        ("try: a\nexcept: b", "try: a\nexcept E: b"),
        ("match a:\n    case 1: b", "match a:\n    case True: b"),
    ],
)
def test_other_code_does_not_fit(pattern: str, code: str) -> None:
    assert not _fits(pattern, code)
