"""Replace on headers: the body, the comments in it and the decorators stay byte for byte."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.transforms.trees import (
    assert_changes,
    assert_untouched,
    one,
    outcome_of,
    outcome_on,
    spliced,
)
from transforms.edits import InsertAfter, InsertBefore, Replace
from transforms.engine.outcome import Status
from transforms.engine.patterns.metavariables import PatternError

if TYPE_CHECKING:
    from transforms.engine.edit import Edit


def test_a_function_gets_a_parameter_and_keeps_all_else() -> None:
    assert_changes(
        Replace(
            inside="m.A.run",
            find="def run(self, $$rest) -> $r:",
            replace="def run(self, $$rest, strict=False) -> $r:",
        ),
        """
        class A:
            @property  # why
            def run(
                self,
                a: int = (1),  # one
                *,
                b, ) -> "A":  # behind
                '''doc'''
                # inside

                return  self
        """,
        """
        class A:
            @property  # why
            def run(
                self,
                a: int = (1),  # one
                *,
                b, strict=False, ) -> "A":  # behind
                '''doc'''
                # inside

                return  self
        """,
    )


@pytest.mark.parametrize(
    ("find", "replace", "before", "after"),
    [
        ("class C($$b):", "class C($$b, k=1):", "class C: x = 1", "class C(k=1): x = 1"),
        (
            "class C($$b):",
            "class C(int, $$b):",
            "class C(str): # c\n  x",
            "class C(int, str): # c\n  x",
        ),
        ("class $C(str):", "class $C(int):", "class D(str): pass", "class D(int): pass"),
        ("def $f($a):", "async def $f($a):", "def g(b): pass", "async def g(b): pass"),
        ("def f($$p):", "def f($$p) -> int:", "def f(a, /): pass", "def f(a, /) -> int: pass"),
        ("def f($$p):", "def f($$p, k=1):", "def f(a, *, b): pass", "def f(a, *, b, k=1): pass"),
        ("def f(a, $$p):", "def f($$p):", "def f(a, *, b): pass", "def f(*, b): pass"),
        ("def f(a=1, $$p):", "def f(a=2, $$p):", "def f(a=1, *b): pass", "def f(a=2, *b): pass"),
        ("if $c:", "if not $c:", "if 0 or 1: pass", "if not (0 or 1): pass"),
        ("while $c:", "if $c:", "while 1: pass", "if 1: pass"),
        (
            "for $i in $s:",
            "for $i in list($s):",
            "for a in 1, 2: pass",
            "for a in list((1, 2)): pass",
        ),
        (
            "with $$i:",
            "with $$i, open(1):",
            "with open(0) as a: a",
            "with open(0) as a, open(1): a",
        ),
        ("with $i:", "if $i:", "with int: pass", "if int: pass"),
    ],
)
def test_every_kind_of_header_is_replaced(find: str, replace: str, before: str, after: str) -> None:
    edit = Replace(inside="m", find=find, replace=replace)
    assert_changes(edit, f"# above\n{before}\n# below\n", f"# above\n{after}\n# below\n")


def test_an_elif_stays_one_and_its_else_too() -> None:
    assert_changes(
        Replace(inside="m", find="if int:", replace="if int and str:"),
        "if str: pass\nelif (int):  # why\n    pass\nelse:\n    pass\n",
        "if str: pass\nelif (int) and str:  # why\n    pass\nelse:\n    pass\n",
    )


def test_an_exception_handler_keeps_its_body() -> None:
    assert_changes(
        Replace(
            inside="m", find="except OSError as $e:", replace="except (OSError, EOFError) as $e:"
        ),
        "try: pass\nexcept OSError as e:  # why\n    print(e)\nelse: pass\n",
        "try: pass\nexcept (OSError, EOFError) as e:  # why\n    print(e)\nelse: pass\n",
    )


def test_headers_inside_of_each_other_are_no_conflict() -> None:
    assert_changes(
        Replace(inside="m", find="if $c:", replace="if $c or int:", count=3),
        "if 1:\n    if 2: pass\n    elif 3: pass\n",
        "if 1 or int:\n    if 2 or int: pass\n    elif 3 or int: pass\n",
    )


def test_a_header_inside_of_one_that_is_done_is_still_found() -> None:
    edit = Replace(inside="m", find="if $c:", replace="if $c or int:")
    before = "if 1 or int:\n    if 2: pass\n"
    assert spliced(before, outcome_of(edit, before).sites) == (
        "if 1 or int:\n    if 2 or int: pass\n"
    )


def test_edits_of_a_header_of_its_body_and_of_its_decorators_are_no_conflict() -> None:
    edits = [
        Replace(inside="m.f", find="def f($p):", replace="def f($p, *b):"),
        Replace(inside="m.f", find="return 1", replace="return 2"),
        Replace(inside="m.f", find="@staticmethod", replace="@classmethod"),
    ]
    before = "@staticmethod\ndef f(a): return 1\n"
    outcome = outcome_on(one(before), *edits)
    assert outcome.status is Status.APPLIED
    assert spliced(before, outcome.sites) == "@classmethod\ndef f(a, *b): return 2\n"


def test_two_edits_of_one_header_are_a_conflict() -> None:
    edits = [
        Replace(inside="m.f", find="def f($p):", replace="def f($p, *b):"),
        Replace(inside="m.f", find="def f($p):", replace="def f($p, **c):"),
    ]
    assert outcome_on(one("def f(a): return 1\n"), *edits).status is Status.CONFLICT


@pytest.mark.parametrize(
    ("edit", "after"),
    [
        (
            InsertBefore(inside="m", anchor="def f($$p):", code="b = 1"),
            "b = 1\n@int\ndef f(a):\n    a\n",
        ),
        (
            InsertAfter(inside="m", anchor="def f($$p):", code="b = 1"),
            "@int\ndef f(a):\n    a\nb = 1\n",
        ),
    ],
)
def test_a_header_is_an_anchor_whatever_stands_below_it(edit: Edit, after: str) -> None:
    assert_changes(edit, "@int\ndef f(a):\n    a\n", after)


def test_another_header_is_drift() -> None:
    edit = Replace(inside="m.f", find="def f(self, $$p):", replace="def f(self, $$p, k=1):")
    problem = assert_untouched(edit, "def f(this, a): pass\n")
    assert problem.reason == "matched 0 sites, expected 1"
    assert_untouched(edit, "def f(self, a, k=1): pass\n", Status.OBSOLETE)


@pytest.mark.parametrize(
    ("find", "replace", "message"),
    [
        ("def f($$p):", "x = 1", "a header cannot become statements"),
        ("def f($$p):", "f", "a header cannot become an expression"),
        ("f", "def f():", "an expression cannot become a header"),
        ("x = 1", "def f():", "a header has no body"),
        ("if a:", "@a", "a header cannot become a decorator"),
        ("@a", "a", "a decorator cannot become an expression"),
        ("@a", "def f():", "a decorator cannot become a header"),
        ("x = 1", "@a", "decorators decorate nothing"),
        ("except E:", "if E:", "only an `except` can take the place of one"),
        ("if E:", "except E:", "only an `except` can take the place of one"),
        ("def f($$p):", "class C($$p):", "binds parameters in .* uses it as arguments"),
        ("f($$a)", "{$$a, 'k': 1}", "binds arguments or elements in .* as items of a dictionary"),
        ("with $$i:", "if f($$i):", "binds context managers in .* as arguments or elements"),
        ("def f($a, $b):", "def f($b, $a):", "cannot be told from"),
        ("@a($x)", "@a($x)", "cannot be told from"),
    ],
)
def test_what_can_never_take_the_place_is_refused(find: str, replace: str, message: str) -> None:
    with pytest.raises(PatternError, match=message):
        Replace(inside="m", find=find, replace=replace)
