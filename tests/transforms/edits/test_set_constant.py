"""SetConstant: the one assignment of a module or class gets another value."""

from __future__ import annotations

import pytest

from tests.transforms.trees import assert_changes, assert_untouched
from transforms.edits import SetConstant
from transforms.engine.outcome import Status


def _edit(inside: str = "m", value: str = "2", was: str | None = None) -> SetConstant:
    return SetConstant(inside=inside, name="X", value=value, was=was)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("X = 1  # why\nY = 1\n", "X = 2  # why\nY = 1\n"),
        ("X: Final[int] = 1\n", "X: Final[int] = 2\n"),
        ("X = (  # why\n    1\n)\n", "X = (  # why\n    2\n)\n"),
        ("X = f(\n    1,\n)\n", "X = 2\n"),
        ("X = 1; Y = 2\n", "X = 2; Y = 2\n"),
        ("if a:\n    X = 1\n", "if a:\n    X = 2\n"),
        ("try:\n    X = 1\nexcept E:\n    Y = 1\n", "try:\n    X = 2\nexcept E:\n    Y = 1\n"),
        (b"\xef\xbb\xbf'\xc3\xa9'; X = 1\r\n", b"\xef\xbb\xbf'\xc3\xa9'; X = 2\r\n"),
        ("X = 1\ndef f():\n    X = 3\nclass A:\n    X = 4\n", None),
    ],
)
def test_only_the_value_changes(before: str | bytes, after: str | bytes | None) -> None:
    assert_changes(_edit(), before, after or str(before).replace("X = 1", "X = 2"))


def test_a_constant_of_a_class_is_not_that_of_its_module() -> None:
    assert_changes(
        _edit(inside="m.A.B"),
        """
        X = 1
        class A:
            X = 1
            class B:
                X: int = 1
                def f(self):
                    X = 1
                    self.X = 1
        """,
        """
        X = 1
        class A:
            X = 1
            class B:
                X: int = 2
                def f(self):
                    X = 1
                    self.X = 1
        """,
    )


@pytest.mark.parametrize("value", ["a, b", "lambda: 0", "a if b else c", "'$x'", "(a\n  or b)"])
def test_any_expression_is_a_value(value: str) -> None:
    text = f"({value})" if value == "a, b" else value
    assert_changes(_edit(value=value), "X = 1\n", f"X = {text}\n")


def test_the_new_value_is_made_of_the_old_one() -> None:
    edit = _edit(was="max($a, $$rest)", value="min($a, 8, $$rest)")
    assert_changes(edit, "X = max(y.z, 'a',  b)\n", "X = min(y.z, 8, 'a',  b)\n")


def test_what_it_was_is_compared_as_syntax() -> None:
    assert_changes(_edit(was='{"a": 1}'), "X = {\n    'a': 1,  # why\n}\n", "X = 2\n")


def test_another_value_is_drift_that_shows_it() -> None:
    problem = assert_untouched(_edit(was="1"), "Y = 1\nX = 3 + 1\n")
    assert (problem.reason, problem.looked_for) == ("the value of 'X' is another one", "X = 1")
    assert (problem.closest, problem.line) == ("3 + 1", 2)


def test_the_new_value_is_obsolete_even_if_it_was_to_be_another() -> None:
    assert_untouched(_edit(was="1", value="a.b"), "X = a . b\n", Status.OBSOLETE)


@pytest.mark.parametrize(
    ("before", "reason", "line"),
    [
        ("Y = 1\n", "the module assigns nothing to 'X'", 0),
        ("def f():\n    X = 1\n", "the module assigns nothing to 'X'", 0),
        ("X.y = 1\nX[0] = 1\n", "the module assigns nothing to 'X'", 0),
        ("if a:\n    X = 1\nelse:\n    X = 3\n", "the module binds 'X' 2 times: lines 2, 4", 2),
        ("X = 1\nX += 1\n", "the module binds 'X' 2 times: lines 1, 2", 1),
        ("X = 1\nfor X, _ in y: pass\n", "the module binds 'X' 2 times: lines 1, 2", 1),
        ("X = 1\nwith a as (b, *X): pass\n", "the module binds 'X' 2 times: lines 1, 2", 1),
        ("try:\n    from a import X\nexcept E:\n    X = 1\n", "the module binds 'X' 2 times", 2),
        ("X = 1\ndel X\n", "the module binds 'X' 2 times: lines 1, 2", 1),
        ("X = Y = 1\n", "the module binds 'X' in a way that gives it no value of its own", 1),
        ("X, Y = 1, 2\n", "the module binds 'X' in a way that gives it no value of its own", 1),
        ("X: int\n", "the module binds 'X' in a way that gives it no value of its own", 1),
        ("X += 1\n", "the module binds 'X' in a way that gives it no value of its own", 1),
        ("def X(): pass\n", "the module binds 'X' in a way that gives it no value of its own", 1),
        ("import X.y\n", "the module binds 'X' in a way that gives it no value of its own", 1),
    ],
)
def test_where_there_is_not_one_value_is_drift(before: str, reason: str, line: int) -> None:
    problem = assert_untouched(_edit(), before)
    assert problem.reason.startswith(reason)
    assert problem.line == line


def test_a_function_has_no_constants() -> None:
    problem = assert_untouched(_edit(inside="m.f"), "def f():\n    X = 1\n")
    assert problem.reason == "f is a function; only a module or class has constants"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"inside": ""}, "`inside` must not be empty"),
        ({"name": "a.b"}, "`name` must be one name"),
        ({"value": ""}, "must not be empty"),
        ({"value": "x = 1"}, "`value` must be an expression"),
        ({"value": "f("}, "not Python"),
        ({"value": "$a"}, "never bound"),
        ({"value": "$a", "was": "$a"}, "what was there before"),
        ({"value": "'a'", "was": '"a"'}, "what was there before"),
        ({"was": "x = 1"}, "`was` must be an expression"),
        ({"was": ""}, "must not be empty"),
    ],
)
def test_a_wrong_declaration_fails_where_it_is_made(fields: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SetConstant(**{"inside": "m", "name": "X", "value": "2", **fields})
