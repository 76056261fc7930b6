"""Replace with metavariables for names, and for the lists that only some syntax has."""

from __future__ import annotations

import pytest

from tests.transforms.trees import assert_changes, assert_untouched
from transforms.edits import Replace
from transforms.engine.outcome import Status


@pytest.mark.parametrize(
    ("find", "replace", "before", "after"),
    [
        ("$x.real", "$x.imag", "a = (1).real", "a = (1).imag"),
        ("$x.$n = 1", "$x.$n = 2", "a = b = int\na.c = 1", "a = b = int\na.c = 2"),
        ("print(int.$n)", "print(str.$n)", "print(int.real)", "print(str.real)"),
        (
            "print($x.$n)",
            "print(getattr($x, '$n'), $x.$n)",
            "print(int.a)",
            "print(getattr(int, '$n'), int.a)",
        ),
        ("def $f(): return 1", "def $f(): return $f", "def a(): return 1", "def a(): return a"),
        (
            "def $f():\n    return 1",
            "def $f():\n    return 1\n\n$f()",
            "def a(): return 1",
            "def a(): return 1\n\na()",
        ),
        ("lambda $p: $p", "lambda $p: ($p,)", "a = lambda b: b", "a = lambda b: (b,)"),
        ("dict($k=1)", "dict($k=2)", "dict(a=1)", "dict(a=2)"),
        (
            "import $m as $n",
            "import $m\n$n = $m",
            "import os.path as p",
            "import os.path\np = os.path",
        ),
        (
            "from $m import $n",
            "from $m import $n as $n",
            "from os.path import join",
            "from os.path import join as join",
        ),
        (
            "from .$m import $n",
            "from .c import $n as $m",
            "from .a import b",
            "from .c import b as a",
        ),
        ("from a import *", "from a import b", "from a import *", "from a import b"),
        (
            "global $x",
            "global $x, other",
            "def f():\n    global a",
            "def f():\n    global a, other",
        ),
        (
            "try: pass\nexcept $t as $e: pass",
            "try: pass\nexcept $t as $e: print($e)",
            "try: pass\nexcept OSError as e: pass",
            "try: pass\nexcept OSError as e: print(e)",
        ),
        ("print($x)", "import $x", "print(os.path)", "import os.path"),
        ("import $x", "print($x)", "import a.b", "print(a.b)"),
    ],
)
def test_a_name_is_written_where_only_names_stand(
    find: str, replace: str, before: str, after: str
) -> None:
    edit = Replace(inside="m", find=find, replace=replace)
    bound = "a = b = os = m = 0\n"
    assert_changes(edit, f"{bound}{before}\n", f"{bound}{after}\n")


def test_names_stand_beside_what_needs_parentheses() -> None:
    edit = Replace(inside="m", find="dict($j=$v, $k=$w)", replace="dict($j=$v.real, $k=$w.imag)")
    assert_changes(edit, "dict(a=1 or 2, b=3)\n", "dict(a=(1 or 2).real, b=(3).imag)\n")


def test_what_is_no_name_is_not_written_where_only_names_stand() -> None:
    edit = Replace(inside="m", find="print($x)", replace="import $x")
    problem = assert_untouched(edit, "print(a())\n")
    assert "cannot be written around what it binds" in problem.reason


@pytest.mark.parametrize(
    ("find", "replace", "before", "after"),
    [
        (
            "from m import $$n, a",
            "from m import $$n, b",
            "from m import c, a, d",
            "from m import c, d, b",
        ),
        ("from m import $$n, a", "from m import $$n, b", "from m import a", "from m import b"),
        (
            "from m import $$n, a",
            "from m import (\n    $$n,\n    b,\n)",
            "from m import (\n    a,\n    c,  # why\n)",
            "from m import (\n    c,  # why\n    b,\n)",
        ),
        ("from m import a, b", "from m import a, c", "from m import b, a", "from m import a, c"),
        ("import $$n, a", "import $$n, b", "import c.d, a", "import c.d, b"),
        (
            "dict({$$i, 'a': 1})",
            "dict({$$i, 'a': 2})",
            "dict({'b': 0, **{}, 'a': 1})",
            "dict({'b': 0, **{}, 'a': 2})",
        ),
        ("{'a': 1, $$i}", "{$$i, 'a': 2}", "b = {'a': 1}", "b = {'a': 2}"),
        (
            "with int() as a, $$i: pass",
            "with $$i, int() as a: pass",
            "with int() as a, (str()): pass",
            "with str(), int() as a: pass",
        ),
        (
            "lambda a=1, $$p: $b",
            "lambda a=2, $$p: $b",
            "b = lambda a=1, *c, d=1: 0",
            "b = lambda a=2, *c, d=1: 0",
        ),
        (
            "def f($$p): return 1",
            "def f($$p, *, k=1): return 2",
            "def f(a, /): return 1",
            "def f(a, /, *, k=1): return 2",
        ),
        ("int[$$i, 1]", "int[1, $$i]", "a = int[0, 2:3, 1]", "a = int[1, 0, 2:3]"),
    ],
)
def test_lists_are_written_where_such_lists_stand(
    find: str, replace: str, before: str, after: str
) -> None:
    assert_changes(Replace(inside="m", find=find, replace=replace), f"{before}\n", f"{after}\n")


def test_names_of_an_import_in_another_order_are_the_same_import() -> None:
    edit = Replace(inside="m", find="from a import b, c", replace="from a import b, d")
    assert_untouched(edit, "from a import d, b\n", Status.OBSOLETE)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_an_expression_on_several_lines_is_indented_to_its_place(newline: str) -> None:
    """But not the lines that begin inside of a string."""
    replace = "print(\n    $x,\n    sep='''\n  ''',\n)"
    before = "def f():\n    if 1:\n        a = max(1)\n    return max\n"
    after = (
        "def f():\n    if 1:\n        a = print(\n            1,\n"
        "            sep='''\n  ''',\n        )\n    return max\n"
    )
    assert_changes(
        Replace(inside="m.f", find="max($x)", replace=replace, as_written=True),
        before.replace("\n", newline).encode(),
        after.replace("\n", newline).encode(),
    )
