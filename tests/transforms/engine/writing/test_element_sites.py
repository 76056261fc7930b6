"""Elements are added and taken away in the style of their neighbours, and the rest stays."""

from __future__ import annotations

import ast
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.transforms.engine.syntax.test_elements import elements_of
from tests.transforms.trees import spliced
from transforms.engine.conflict import overlaps
from transforms.engine.writing.element_sites import insert_elements, remove_elements


def inserted(code: str, at: int, *texts: str) -> str:
    """Add elements to the first list of a module."""
    return spliced(code.encode(), [insert_elements(elements_of(code), at, texts)])


def removed(code: str, first: int, last: int | None = None) -> str:
    """Take elements of the first list of a module away."""
    last = first if last is None else last
    return spliced(code.encode(), [remove_elements(elements_of(code), first, last)])


@pytest.mark.parametrize(
    ("before", "at", "after"),
    [
        ("[]", 0, "[x]"),
        ("[ ]", 0, "[x]"),
        ("()", 0, "(x,)"),
        ("{}", 0, "{x}"),
        ("f()", 0, "f(x)"),
        ("class A: pass", 0, "class A(x): pass"),
        ("class A (): pass", 0, "class A (x): pass"),
        ("[\n    # none yet\n]", 0, "[\n    # none yet\n    x,\n]"),
        ("[a, b]", 0, "[x, a, b]"),
        ("[a, b]", 1, "[a, x, b]"),
        ("[a, b]", 2, "[a, b, x]"),
        ("[a, b,]", 2, "[a, b, x,]"),
        ("(a,)", 1, "(a, x)"),
        ("(a, )", 1, "(a, x )"),
        ("y = a,", 1, "y = a, x"),
        ("(a  # why\n,)", 1, "(a, x  # why\n,)"),
        ("y = (a), b", 2, "y = (a), b, x"),
        ("[(a), (b)]", 1, "[(a), x, (b)]"),
        ("[\n    a,\n    b,\n]", 2, "[\n    a,\n    b,\n    x,\n]"),
        ("[\n    a,\n    b,\n]", 1, "[\n    a,\n    x,\n    b,\n]"),
        ("[\n    a,\n    b,\n]", 0, "[\n    x,\n    a,\n    b,\n]"),
        ("[\n    a,\n    b\n]", 2, "[\n    a,\n    b,\n    x\n]"),
        ("[\n\ta,  # one\n\tb  # two\n]", 2, "[\n\ta,  # one\n\tb,  # two\n\tx\n]"),
        ("[\n    a,  # one\n    b,\n]", 1, "[\n    a,  # one\n    x,\n    b,\n]"),
        ("[\n    a,\n    # off\n]", 1, "[\n    a,\n    x,\n    # off\n]"),
        ("f(a,\n  b)", 2, "f(a,\n  b,\n  x)"),
        ("f(\n    a, b\n)", 2, "f(\n    a, b, x\n)"),
        ("f(\n    a, b\n)", 1, "f(\n    a, x, b\n)"),
        ("[a\n , b\n ]", 2, "[a\n , b, x\n ]"),
        ("(\n    a,\n)", 1, "(\n    a,\n    x,\n)"),
        ("{\n    'a': (\n        1\n    ),\n}", 1, "{\n    'a': (\n        1\n    ),\n    x,\n}"),
        ("from a import b", 1, "from a import b, x"),
        ("from a import (\n    b,\n)", 1, "from a import (\n    b,\n    x,\n)"),
        ("def f(a, *, b): pass", 3, "def f(a, *, b, x): pass"),
    ],
)
def test_an_element_is_written_like_its_neighbours(before: str, at: int, after: str) -> None:
    assert inserted(before, at, "x") == after


def test_several_elements_are_written_in_their_order() -> None:
    assert inserted("[a]", 0, "x", "y") == "[x, y, a]"
    assert inserted("[a]", 1, "x", "y") == "[a, x, y]"
    assert inserted("()", 0, "x", "y") == "(x, y)"
    assert inserted("[\n  a,\n]", 1, "x", "y") == "[\n  a,\n  x,\n  y,\n]"
    assert inserted("[\n  a\n]", 1, "x", "y") == "[\n  a,\n  x,\n  y\n]"
    assert inserted("[\n  a,\n]", 0, "x", "y") == "[\n  x,\n  y,\n  a,\n]"


def test_the_lines_of_an_element_move_with_it_and_end_as_the_file_does() -> None:
    after = inserted("[\r\n  a,\r\n]", 1, "g(\n    1,\n)")
    assert after == "[\r\n  a,\r\n  g(\r\n      1,\r\n  ),\r\n]"


@pytest.mark.parametrize(
    ("before", "first", "last", "after"),
    [
        ("[a]", 0, 0, "[]"),
        ("[ a, ]", 0, 0, "[]"),
        ("(a,)", 0, 0, "()"),
        ("[a, b]", 0, 1, "[]"),
        ("[a, b]", 0, 0, "[b]"),
        ("[a, b]", 1, 1, "[a]"),
        ("[a, b,]", 1, 1, "[a,]"),
        ("[a, b, c]", 1, 1, "[a, c]"),
        ("[(a), (b), (c)]", 1, 2, "[(a)]"),
        ("(a, b)", 0, 0, "(b,)"),
        ("(a, b)", 1, 1, "(a,)"),
        ("(a, b,)", 1, 1, "(a,)"),
        ("(a, b, c)", 1, 2, "(a,)"),
        ("(a, b, c)", 0, 1, "(c,)"),
        ("y = a, b", 1, 1, "y = a,"),
        ("[\n    a,\n    b,\n]", 0, 0, "[\n    b,\n]"),
        ("[\n    a,\n    b,\n]", 1, 1, "[\n    a,\n]"),
        ("[\n    a,\n    b  # b\n]", 1, 1, "[\n    a,\n]"),
        ("[\n    a,  # a\n    # of b\n    b,  # b\n    c,\n]", 1, 1, None),
        ("[a,  # a\n b]", 1, 1, "[a,  # a\n ]"),
        ("[a,  # a\n b, c]", 1, 1, "[a,  # a\n  c]"),
        ("f(a,\n  b)", 1, 1, "f(a)"),
        ("f(\n    a,\n    k=g(\n        1,\n    ),\n    c=b,\n)", 1, 1, "f(\n    a,\n    c=b,\n)"),
        ("f(\n    a, b\n)", 1, 1, "f(\n    a\n)"),
        ("from a import b, c as d", 1, 1, "from a import b"),
        ("def f(a, *, b): pass", 1, 2, "def f(a): pass"),
    ],
)
def test_an_element_goes_and_leaves_no_trace(
    before: str, first: int, last: int, after: str | None
) -> None:
    wanted = after or "[\n    a,  # a\n    # of b\n    c,\n]"
    assert removed(before, first, last) == wanted


_LINE_END = st.sampled_from(["", "\n", " # one, two\n", "\n    "])
_NAMES = st.lists(st.sampled_from("abcde"), max_size=5)


@st.composite
def _layouts(draw: st.DrawFn) -> tuple[str, list[str]]:
    """Draw a display in any layout, and its elements."""
    names = draw(_NAMES)
    opening, closing = draw(st.sampled_from([("[", "]"), ("(", ")")]))
    pieces = [opening, draw(_LINE_END)]
    for number, name in enumerate(names):
        pieces += [name, draw(_LINE_END)]
        if number < len(names) - 1 or draw(st.booleans()) or (opening == "(" and number == 0):
            pieces += [",", draw(_LINE_END)]
    return "".join([*pieces, closing]), names


def _read(code: str) -> list[str]:
    """Let CPython say what the elements are."""
    node = ast.parse(code, mode="eval").body
    assert isinstance(node, (ast.List, ast.Tuple))
    return [ast.unparse(item) for item in node.elts]


def _comments(code: str) -> int:
    return len(re.findall("# one, two", code))


@given(
    layout=_layouts(), at=st.integers(0, 5), texts=st.lists(st.just("x"), min_size=1, max_size=2)
)
def test_an_insertion_adds_just_that(
    layout: tuple[str, list[str]], at: int, texts: list[str]
) -> None:
    code, names = layout
    assume(at <= len(names))
    after = inserted(code, at, *texts)
    assert _read(after) == [*names[:at], *texts, *names[at:]]
    assert _comments(after) == _comments(code)


@given(layout=_layouts(), first=st.integers(0, 4), more=st.integers(0, 4))
def test_a_removal_takes_away_just_that(
    layout: tuple[str, list[str]], first: int, more: int
) -> None:
    code, names = layout
    assume(first + more < len(names))
    assert _read(removed(code, first, first + more)) == [*names[:first], *names[first + more + 1 :]]


@given(layout=_layouts(), at=st.integers(1, 5))
def test_two_insertions_behind_one_element_compose_or_overlap(
    layout: tuple[str, list[str]], at: int
) -> None:
    code, names = layout
    assume(at <= len(names))
    sites = [insert_elements(elements_of(code), at, [text]) for text in "xy"]
    if sites[0].start < sites[0].end:
        return  # that is a conflict, and `overlaps` says so
    assert _read(spliced(code.encode(), sites)) == [*names[:at], "x", "y", *names[at:]]


@pytest.mark.parametrize("code", ["(a, b)", "y = a, b", "(\n    a,\n    b\n)", "y = a, b  # c"])
@pytest.mark.parametrize("gone", [0, 1])
def test_nothing_is_added_behind_the_one_that_a_tuple_keeps(code: str, gone: int) -> None:
    """It gets the comma that a tuple of one needs, so that both would write one there."""
    elements = elements_of(code)
    sites = [remove_elements(elements, gone, gone), insert_elements(elements, 2, ["x"])]
    assert set(overlaps(zip(["p/gone", "p/new"], sites, strict=True))) == {"p/gone", "p/new"}


def test_behind_a_comma_something_can_be_added_to_the_one_that_a_tuple_keeps() -> None:
    elements = elements_of("(a, b,)")
    sites = [remove_elements(elements, 0, 0), insert_elements(elements, 2, ["x"])]
    assert not overlaps(zip(["p/gone", "p/new"], sites, strict=True))
    assert spliced(b"(a, b,)", sites) == "(b, x,)"


@given(layout=_layouts(), gone=st.integers(0, 4), at=st.integers(0, 5))
def test_an_insertion_beside_a_removal_composes_or_overlaps(
    layout: tuple[str, list[str]], gone: int, at: int
) -> None:
    code, names = layout
    assume(gone < len(names) and at <= len(names))
    removal = remove_elements(elements_of(code), gone, gone)
    insertion = insert_elements(elements_of(code), at, ["x"])
    if removal.start < insertion.end and insertion.start < removal.end:
        return  # a conflict
    expected = [*names[:at], "x", *names[at:]]
    del expected[gone if gone < at else gone + 1]
    assert _read(spliced(code.encode(), [removal, insertion])) == expected
