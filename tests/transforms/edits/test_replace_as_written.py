"""A replacement can say that its own layout counts, rather than upstream's."""

from __future__ import annotations

from tests.transforms.trees import assert_changes
from transforms.edits import Replace

BEFORE = """
    def f(a):
        x = call(a, b=1)
"""
LAID_OUT = """
    def f(a):
        x = call(
            a,
            b=1,
            c=2,
        )
"""
CODE = """
x = call(
    a,
    b=1,
    c=2,
)
"""


def test_upstreams_layout_is_kept_otherwise() -> None:
    edit = Replace(inside="m.f", find="x = call(a, b=1)", replace=CODE)
    assert_changes(edit, BEFORE, BEFORE.replace("b=1", "b=1, c=2"))


def test_a_statement_is_written_as_it_is() -> None:
    edit = Replace(inside="m.f", find="x = call(a, b=1)", replace=CODE, as_written=True)
    assert_changes(edit, BEFORE, LAID_OUT)


def test_an_expression_is_written_as_it_is() -> None:
    code = CODE.replace("x = ", "")
    edit = Replace(inside="m.f", find="call(a, b=1)", replace=code, as_written=True)
    assert_changes(edit, BEFORE, LAID_OUT)
