"""Replace on statements: indentation, comments, shared lines, `elif`."""

from __future__ import annotations

import pytest

from tests.transforms.trees import (
    assert_changes,
    assert_untouched,
    outcome_of,
    spliced,
)
from transforms.edits import Replace


def test_statements_keep_the_indentation_and_the_comments_around() -> None:
    edit = Replace(
        inside="m.A.f",
        find="if $c:\n    self.x = False",
        replace="if $c or musa():\n    # why not\n    self.x = False\n    self.y = '''\n  a\n'''",
    )
    assert_changes(
        edit,
        "class A:\n"
        "  def f(self):\n"
        "    # before\n"
        "    if  (rocm()) :  # which\n"
        "        self.x = False  # behind\n"
        "    # after\n",
        "class A:\n"
        "  def f(self):\n"
        "    # before\n"
        "    if  (rocm()) or musa() :  # which\n"
        "        # why not\n"
        "        self.x = False  # behind\n"
        "        self.y = '''\n"
        "  a\n"
        "'''\n"
        "    # after\n",
    )


def test_a_bound_body_keeps_its_comments_and_strings() -> None:
    assert_changes(
        Replace(
            inside="m.f",
            find="if a:\n    $$body",
            replace="if a:\n    $$body\nelse:\n    other()",
        ),
        """
        def f():
            if a:
                # first
                log('''
            text''')

                x = 1  # last
            return
        """,
        """
        def f():
            if a:
                # first
                log('''
            text''')

                x = 1  # last
            else:
                other()
            return
        """,
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("if x: old()\n", "if x: new()\n"),
        ("a(); old()\n", "a(); new()\n"),
        ("old(); a()\n", "new(); a()\n"),
        ("a(); old();  # why\n", "a(); new();  # why\n"),
        ("class A: old()\n", "class A: new()\n"),
        ("if x: pass\nelse: old()\n", "if x: pass\nelse: new()\n"),
    ],
)
def test_a_simple_statement_may_share_its_line(before: str, after: str) -> None:
    assert_changes(Replace(inside="m", find="old()", replace="new()"), before, after)
    edit = Replace(inside="m", find="old()", replace="x = new()")
    assert_changes(edit, before, after.replace("new()", "x = new()"))


@pytest.mark.parametrize(
    ("before", "replacement"),
    [
        ("if x: old()\n", "a()\nb()"),
        ("a(); old()\n", "if a: b()"),
        ("old(); a()\n", "a()\nb()"),
        ("old(); a()\n", "b = 1  # why"),
    ],
)
def test_other_statements_may_not(before: str, replacement: str) -> None:
    edit = Replace(inside="m", find="old()", replace=replacement)
    problem = assert_untouched(edit, before)
    assert "shares its line with" in problem.reason
    assert (problem.path, problem.line) == ("m.py", 1)


def test_an_elif_stays_one() -> None:
    assert_changes(
        Replace(inside="m", find="if b:\n    $$x", replace="if b or c:\n    $$x"),
        """
        if a:
            pass
        elif b:  # why
            pass
        """,
        """
        if a:
            pass
        elif b or c:  # why
            pass
        """,
    )


@pytest.mark.parametrize(
    "replacement",
    ["while b:\n    y()", "# why\nif b:\n    z()", "if b:\n    z()\nx()", "if_b(z())"],
)
def test_an_elif_cannot_become_another_statement(replacement: str) -> None:
    edit = Replace(inside="m", find="if b:\n    y()", replace=replacement)
    problem = assert_untouched(edit, "if a:\n    x()\nelif b:\n    y()\n")
    assert "`elif`" in problem.reason
    assert problem.line == 3


def test_an_else_with_an_if_inside_is_no_elif() -> None:
    assert_changes(
        Replace(inside="m", find="if b:\n    y()", replace="while b:\n    y()"),
        "if a:\n    x()\nelse:\n    if b:\n        y()\n",
        "if a:\n    x()\nelse:\n    while b:\n        y()\n",
    )


def test_a_decorated_function_is_replaced_with_its_decorators() -> None:
    assert_changes(
        Replace(
            inside="m.A",
            find="@old\ndef f(self): pass",
            replace="@new\ndef f(self): return 1",
        ),
        """
        class A:
            x = 1

            @old
            def f(self):
                pass
        """,
        """
        class A:
            x = 1

            @new
            def f(self):
                return 1
        """,
    )


def test_statements_become_what_a_block_held() -> None:
    edit = Replace(inside="m.f", find="with a:\n    $$body", replace="$$body")
    before = "def f():\n    with a:\n        b()\n        c()  # why\n"
    outcome = outcome_of(edit, before)
    assert spliced(before, outcome.sites) == "def f():\n    b()\n    c()  # why\n"


def test_an_expression_becomes_statements_where_it_is_one() -> None:
    assert_changes(
        Replace(inside="m", find="start()", replace="prepare()\nstart()"),
        "x = start()\nstart()\n",
        "x = start()\nprepare()\nstart()\n",
    )


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_a_file_keeps_its_line_ends(end: str) -> None:
    before = "def f():\n    if a(1,\n         2):\n        b('''x\ny''')\n"
    after = "def f():\n    while a(1,\n         2):\n        b('''x\ny''')\n        c()\n"
    assert_changes(
        Replace(inside="m.f", find="if $a:\n    $$b", replace="while $a:\n    $$b\n    c()"),
        before.replace("\n", end).encode(),
        after.replace("\n", end).encode(),
    )


def test_a_file_without_a_last_line_end_stays_without() -> None:
    edit = Replace(inside="m", find="old()", replace="x = 1")
    assert_changes(edit, b"a()\nold()", b"a()\nx = 1")
