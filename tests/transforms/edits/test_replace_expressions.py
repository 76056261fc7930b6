"""Replace on expressions: parentheses, places, and what is not replaced."""

from __future__ import annotations

import pytest

from tests.transforms.trees import (
    assert_changes,
    assert_untouched,
    outcome_of,
    problem_of,
    spliced,
)
from transforms.edits import Replace


def test_an_expression_is_replaced_wherever_it_stands() -> None:
    assert_changes(
        Replace(
            inside="m.f",
            find='$d.type == "cuda"',
            replace='$d.type in ("cuda", "musa")',
            count=3,
        ),
        """
        x.type == "cuda"

        def f(a, b=x.type == "cuda"):
            if (self.device  # which
                    .type == 'cuda'):  # keep me
                return [y for y in z if y.type == \"\"\"cuda\"\"\"]
        """,
        """
        x.type == "cuda"

        def f(a, b=x.type in ("cuda", "musa")):
            if (self.device  # which
                    .type in ("cuda", "musa")):  # keep me
                return [y for y in z if y.type in ("cuda", "musa")]
        """,
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = not c.is_cuda()", "x = not (c.is_cuda() or c.is_musa())"),
        ("x = c.is_cuda() and d", "x = (c.is_cuda() or c.is_musa()) and d"),
        ("x = c.is_cuda() or d", "x = (c.is_cuda() or c.is_musa()) or d"),
        ("x = c.is_cuda().y", "x = (c.is_cuda() or c.is_musa()).y"),
        ("x = c.is_cuda()(1)", "x = (c.is_cuda() or c.is_musa())(1)"),
        ("x = f(c.is_cuda(), 1)", "x = f(c.is_cuda() or c.is_musa(), 1)"),
        ("x = f(k=c.is_cuda())", "x = f(k=c.is_cuda() or c.is_musa())"),
        ("x = f(*c.is_cuda())", "x = f(*c.is_cuda() or c.is_musa())"),
        ("x = f(**c.is_cuda())", "x = f(**c.is_cuda() or c.is_musa())"),
        ("x = [*c.is_cuda()]", "x = [*(c.is_cuda() or c.is_musa())]"),
        ("x = (c.is_cuda())", "x = (c.is_cuda() or c.is_musa())"),
        ("x = 1 if c.is_cuda() else 2", "x = 1 if c.is_cuda() or c.is_musa() else 2"),
        ("x = c.is_cuda() if a else 2", "x = c.is_cuda() or c.is_musa() if a else 2"),
        ("x = a < c.is_cuda() < b", "x = a < (c.is_cuda() or c.is_musa()) < b"),
        ("x = [a for b in c.is_cuda()]", "x = [a for b in c.is_cuda() or c.is_musa()]"),
        ("x = [a for a in b if c.is_cuda()]", "x = [a for a in b if c.is_cuda() or c.is_musa()]"),
        ("x = a[c.is_cuda():1]", "x = a[c.is_cuda() or c.is_musa():1]"),
        ("x = lambda: c.is_cuda()", "x = lambda: c.is_cuda() or c.is_musa()"),
        ("x = (y := c.is_cuda())", "x = (y := c.is_cuda() or c.is_musa())"),
        ("x = {**c.is_cuda()}", "x = {**(c.is_cuda() or c.is_musa())}"),
        ("x = c.is_cuda(), 1", "x = c.is_cuda() or c.is_musa(), 1"),
        ("if c.is_cuda(): pass", "if c.is_cuda() or c.is_musa(): pass"),
        ("assert c.is_cuda(), a", "assert c.is_cuda() or c.is_musa(), a"),
        ("with c.is_cuda() as a: pass", "with c.is_cuda() or c.is_musa() as a: pass"),
        ("with (c.is_cuda()) as a, b: pass", "with (c.is_cuda() or c.is_musa()) as a, b: pass"),
        ("for a in c.is_cuda(): pass", "for a in c.is_cuda() or c.is_musa(): pass"),
        ("del a[c.is_cuda()]", "del a[c.is_cuda() or c.is_musa()]"),
        ("@c.is_cuda()\ndef f(): pass", "@c.is_cuda() or c.is_musa()\ndef f(): pass"),
        ("class A(c.is_cuda(), k=1): pass", "class A(c.is_cuda() or c.is_musa(), k=1): pass"),
        ("def f(a=c.is_cuda()): pass", "def f(a=c.is_cuda() or c.is_musa()): pass"),
        ("def f(a: c.is_cuda()): pass", "def f(a: c.is_cuda() or c.is_musa()): pass"),
        ("async def f(): await c.is_cuda()", "async def f(): await (c.is_cuda() or c.is_musa())"),
        ("def f(): yield c.is_cuda()", "def f(): yield c.is_cuda() or c.is_musa()"),
        ("c.is_cuda(); a", "c.is_cuda() or c.is_musa(); a"),
        (
            "match c.is_cuda():\n    case 1: pass",
            "match c.is_cuda() or c.is_musa():\n    case 1: pass",
        ),
        (
            "try: pass\nexcept c.is_cuda(): pass",
            "try: pass\nexcept c.is_cuda() or c.is_musa(): pass",
        ),
    ],
)
def test_parentheses_are_written_only_where_the_place_needs_them(before: str, after: str) -> None:
    """Also: the replacement holds what is looked for, and is not replaced again."""
    edit = Replace(inside="m", find="$c.is_cuda()", replace="$c.is_cuda() or $c.is_musa()")
    assert_changes(edit, before + "\n", after + "\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("for a in old: pass", "for a in (x, y): pass"),
        ("class A(old): pass", "class A((x, y)): pass"),
        ("def f(a=old): pass", "def f(a=(x, y)): pass"),
        ("def f() -> old: pass", "def f() -> (x, y): pass"),
        ("x: old", "x: (x, y)"),
        ("@old\ndef f(): pass", "@(x, y)\ndef f(): pass"),
        ("f(old)", "f((x, y))"),
        ("f(k=old)", "f(k=(x, y))"),
        ("a[old]", "a[x, y]"),
        ("a[old, 1]", "a[(x, y), 1]"),
        ("b = old", "b = (x, y)"),
        ("b = lambda: old", "b = lambda: (x, y)"),
        ("raise old from e", "raise (x, y) from e"),
        ("if old: pass", "if (x, y): pass"),
        ("assert a, old", "assert a, (x, y)"),
        ("b = [a for a in old]", "b = [a for a in (x, y)]"),
    ],
)
def test_a_tuple_without_parentheses_gets_them_where_commas_mean_something_else(
    before: str, after: str
) -> None:
    assert_changes(Replace(inside="m", find="old", replace="x, y"), before + "\n", after + "\n")


@pytest.mark.parametrize(
    ("replacement", "written"),
    [
        ("yield x", "(yield x)"),
        ("(yield x)", "(yield x)"),
        ("(x := 1)", "(x := 1)"),
        ("lambda: x", "lambda: x"),
        ("x if y else z", "x if y else z"),
        ("await x", "await x"),
        ("(x for x in y)", "(x for x in y)"),
        ("(x  # why\nor y)", "(x  # why\n    or y)"),
        ("(\n    x\n)", "(\n        x\n    )"),
        ("'''\nx\n'''", "'''\nx\n'''"),
    ],
)
def test_a_replacement_stays_one_expression_of_its_statement(
    replacement: str, written: str
) -> None:
    assert_changes(
        Replace(inside="m.f", find="old", replace=replacement),
        "async def f():\n    a = old\n",
        f"async def f():\n    a = {written}\n",
    )


def test_a_bound_expression_of_several_lines_gets_parentheses() -> None:
    assert_changes(
        Replace(inside="m", find="if $a:\n    pass", replace="while $a:\n    pass"),
        "if (a  # why\n    or b):\n    pass\n",
        "while (a  # why\n    or b):\n    pass\n",
    )


@pytest.mark.parametrize("bound", ["a\n- b", "a\n   or b", "a  # why\n- b"])
def test_a_bound_line_does_not_become_a_statement_of_its_own(bound: str) -> None:
    edit = Replace(inside="m", find="f($x)", replace="$x")
    before = f"x = f({bound})\n"
    outcome = outcome_of(edit, before)
    assert spliced(before, outcome.sites) == f"x = ({bound})\n"


def test_a_tuple_is_no_context_manager() -> None:
    edit = Replace(inside="m", find="old", replace="x, y")
    assert "does not fit there" in assert_untouched(edit, "with old: pass\n").reason


def test_a_generator_that_is_the_only_argument_keeps_the_call() -> None:
    assert_changes(
        Replace(inside="m", find="($e for $v in $i)", replace="[$e for $v in $i]"),
        "x = f(a for a in b)\n",
        "x = f([a for a in b])\n",
    )


@pytest.mark.parametrize(
    "before", ["old = 1", "del old", "for old in x: pass", "old, a = b", "with a as old: pass"]
)
def test_a_target_is_not_replaced_by_what_cannot_be_assigned_to(before: str) -> None:
    edit = Replace(inside="m", find="old", replace="get()")
    assert "does not fit there" in assert_untouched(edit, before + "\n").reason


def test_a_target_may_be_replaced_by_another() -> None:
    assert_changes(
        Replace(inside="m", find="self.x", replace="self.y[0]", count=2),
        "self.x = self.x\n",
        "self.y[0] = self.y[0]\n",
    )


def test_a_name_in_a_match_pattern_is_not_replaced_by_another_kind_of_pattern() -> None:
    before = "match a:\n    case E.old: pass\n"
    for replacement in ("get()", "old"):
        edit = Replace(inside="m", find="E.old", replace=replacement)
        assert "does not fit there" in assert_untouched(edit, before).reason
    assert_changes(
        Replace(inside="m", find="E.old", replace="E.new"), before, before.replace("old", "new")
    )


def test_bytes_before_are_counted_as_bytes() -> None:
    assert_changes(
        Replace(inside="m", find="old", replace="neu"),
        "\ufeff# é\nx = 'ß日本🎈', old  # ö\n".encode(),
        "\ufeff# é\nx = 'ß日本🎈', neu  # ö\n".encode(),
    )


def test_inside_an_f_string_nothing_is_counted_but_the_message_tells() -> None:
    edit = Replace(inside="m", find="old()", replace="new()", count=2)
    problem = assert_untouched_but_partly(edit, 'x = old()\ny = f"{old()}"\n')
    assert problem == (
        "matched 1 sites, expected 2",
        (
            "it matches at lines 1",
            "one more stands inside the f-string at line 2: edit that f-string as a whole",
        ),
    )


def assert_untouched_but_partly(edit: Replace, before: str) -> tuple[str, tuple[str, ...]]:
    problem = problem_of(edit, before)
    return problem.reason, problem.notes


def test_an_f_string_is_replaced_as_a_whole() -> None:
    assert_changes(
        Replace(inside="m", find='f"{old()} b"', replace='f"{new()} b"'),
        "x = ('é', f'{old()}'\n     ' b').y\n",
        "x = ('é', f\"{new()} b\").y\n",
    )


def test_equal_names_bind_equal_code() -> None:
    assert_changes(
        Replace(inside="m", find="$x if $x else $y", replace="$x or $y"),
        "a = b.c if b.d else e\nf = b.c if (b . c) else e\n",
        "a = b.c if b.d else e\nf = b.c or e\n",
    )
