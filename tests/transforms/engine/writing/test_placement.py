"""Sites: their bytes, their lines, and what is refused. What comes of them: see the edits."""

from __future__ import annotations

import ast

import pytest

from tests.transforms.trees import node_at, source_of, spliced
from transforms.engine.patterns.template import Template
from transforms.engine.site import NOT_BEHIND, Site
from transforms.engine.syntax.source import SourceError
from transforms.engine.writing.placement import (
    expression_site,
    insertion_after,
    insertion_before,
    statements_site,
)
from transforms.engine.writing.written import fits_in_place


def test_an_expression_is_replaced_in_its_own_bytes() -> None:
    source = source_of("é = f((old), 1)\n")
    node = node_at(source, "old")
    assert isinstance(node, ast.expr)
    site = expression_site(node, Template.parse("neu", frozenset()), {}, source)
    assert site == Site(path="m.py", start=8, end=11, replacement=b"neu", line=1)


def test_a_tuple_in_an_assertion_does_not_become_its_message() -> None:
    """`assert x, y` asserts x alone."""
    source = source_of("assert old\n")
    node = node_at(source, "old")
    assert isinstance(node, ast.expr)
    site = expression_site(node, Template.parse("x, y", frozenset()), {}, source)
    assert site.replacement == b"(x, y)"


def test_statements_are_replaced_from_the_first_decorator_to_the_last_byte() -> None:
    source = source_of("if a:\n    @d\n    def f(): pass\n    b()  # why\n")
    (outer,) = source.module.body
    assert isinstance(outer, ast.If)
    site = statements_site(outer.body, "x\ny", source)
    assert (source.data[site.start : site.end], site.line) == (
        b"@d\n    def f(): pass\n    b()",
        2,
    )
    assert site.replacement == b"x\n    y"
    site = statements_site(outer.body, "x\ny  # why", source, takes_comment=True)
    assert spliced(source.data, [site]) == "if a:\n    x\n    y  # why\n"


def test_an_insertion_says_which_statement_it_is_behind() -> None:
    code = "if a:\n    b()\nc()\n"
    source = source_of(code)
    outer, last = source.module.body
    behind_block = insertion_after(outer, "x", source)
    behind_inner = insertion_after(outer.body[0], "y", source)  # type: ignore[attr-defined]
    before = insertion_before(last, "z", source)
    assert [behind_block.behind, behind_inner.behind, before.behind] == [0, 10, NOT_BEHIND]
    assert {site.start for site in (behind_block, behind_inner, before)} == {code.index("c()")}
    assert [site.line for site in (behind_block, before)] == [3, 3]
    assert spliced(code, [before, behind_block, behind_inner]) == (
        "if a:\n    b()\n    y\nx\nz\nc()\n"
    )


@pytest.mark.parametrize("place", [insertion_before, insertion_after])
def test_an_elif_takes_no_neighbour(place: type) -> None:
    source = source_of("if a: b\nelif c: d\n")
    (outer,) = source.module.body
    with pytest.raises(SourceError, match="between an `if` and its `elif`") as caught:
        place(outer.orelse[0], "x", source)  # type: ignore[attr-defined]
    assert caught.value.line == 2


@pytest.mark.parametrize(
    ("code", "text", "meant", "fits"),
    [
        ("x = old", "a, b", "(a, b)", False),
        ("x = old", "(a, b)", "(a, b)", True),
        ("x = old", "a  # why", "a", False),
        ("f(old)", "a  # why", "a", False),
        ("x = old", "a\nor b", "a or b", False),
        ("x = y + old", "(a\nor b)", "a or b", True),
        ("x = y + old", "a * b", "a * b", True),
        ("x = y + old", "a\n* b", "a * b", False),
        ("x = y * old", "a + b", "a + b", False),
        ("x = old", "a b", "a", False),
        ("x = old", "a), f(b", "a", False),
        ("x = f(old)", "a), f(b", "a", False),
        ("x = old", "a", "b", False),
    ],
)
def test_a_text_fits_only_if_it_parses_to_what_is_meant(
    code: str, text: str, meant: str, *, fits: bool
) -> None:
    source = source_of(code + "\n")
    node = node_at(source, "old")
    assert isinstance(node, ast.expr)
    assert fits_in_place(text, node, ast.parse(meant, mode="eval").body, source) is fits
