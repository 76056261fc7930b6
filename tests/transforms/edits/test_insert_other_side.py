"""An insertion can say what stands on its other side, and is refused where that is not so."""

from __future__ import annotations

import pytest

from tests.transforms.trees import assert_changes, assert_untouched
from transforms.edits import InsertAfter, InsertBefore
from transforms.engine.patterns.metavariables import PatternError

BEFORE = """
    def f(a):
        first(a)
        if a.is_free:
            second(a)
        third(a)
"""


def test_inserts_between_the_two() -> None:
    edit = InsertAfter(inside="m.f", anchor="first($a)", code="new()", other_side="if $a.is_free:")
    assert_changes(edit, BEFORE, BEFORE.replace("first(a)\n", "first(a)\n        new()\n"))


def test_inserts_before_with_the_statement_above() -> None:
    edit = InsertBefore(inside="m.f", anchor="third($a)", code="new()", other_side="if $a.is_free:")
    assert_changes(edit, BEFORE, BEFORE.replace("        third", "        new()\n        third"))


def test_an_empty_side_is_the_end_of_the_block() -> None:
    edit = InsertAfter(inside="m.f", anchor="second(a)", code="new()", other_side="")
    assert_changes(edit, BEFORE, BEFORE.replace("second(a)\n", "second(a)\n            new()\n"))


def test_an_empty_side_is_the_start_of_the_block() -> None:
    edit = InsertBefore(inside="m.f", anchor="second(a)", code="new()", other_side="")
    assert_changes(edit, BEFORE, BEFORE.replace("second(a)", "new()\n            second(a)"))


@pytest.mark.parametrize(
    ("edit", "wanted"),
    [
        (
            InsertAfter(inside="m.f", anchor="first(a)", code="new()", other_side="third(a)"),
            "'third(a)'",
        ),
        (
            InsertAfter(inside="m.f", anchor="first(a)", code="new()", other_side=""),
            "'the end of the block'",
        ),
        (
            InsertBefore(inside="m.f", anchor="first(a)", code="new()", other_side="third(a)"),
            "'third(a)'",
        ),
    ],
)
def test_something_else_there_is_a_drift_that_says_so(
    edit: InsertAfter | InsertBefore, wanted: str
) -> None:
    problem = assert_untouched(edit, BEFORE)
    assert problem.reason == f"beside the anchor stands something else than {wanted}"
    assert (problem.closest, problem.line) == ("first(a)", 2)


def test_it_tells_anchors_apart() -> None:
    before = """
        def f(a):
            go(a)
            one(a)
            go(a)
            two(a)
    """
    edit = InsertAfter(inside="m.f", anchor="go(a)", code="new()", other_side="two($a)")
    after = before.replace("            two", "            new()\n            two")
    assert_changes(edit, before, after)


def test_a_side_that_is_not_python_is_refused() -> None:
    with pytest.raises(PatternError, match="not Python"):
        InsertAfter(inside="m.f", anchor="go()", code="new()", other_side="if (")


def test_empty_lines_around_the_code_are_written() -> None:
    edit = InsertAfter(inside="m.f", anchor="first(a)", code="\n\nnew()\n\n")
    after = BEFORE.replace("first(a)\n", "first(a)\n\n        new()\n\n")
    assert_changes(edit, BEFORE, after)


def test_the_line_ends_of_a_block_of_code_are_no_empty_lines() -> None:
    code = """
        new()
    """
    edit = InsertAfter(inside="m.f", anchor="first(a)", code=code)
    assert_changes(edit, BEFORE, BEFORE.replace("first(a)\n", "first(a)\n        new()\n"))
