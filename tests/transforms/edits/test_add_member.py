"""AddMember: a method behind another, and the blank lines around it."""

from __future__ import annotations

import pytest

from tests.transforms.trees import (
    applied,
    assert_changes,
    assert_untouched,
    one,
    outcome_of,
    patch,
)
from transforms.edits import AddMember
from transforms.engine.outcome import Status


def _edit(code: str = "def new(self): pass", inside: str = "m.A") -> AddMember:
    return AddMember(inside=inside, after="old", code=code)


def test_the_method_is_written_behind_its_neighbour() -> None:
    assert_changes(
        _edit(),
        """
        class A:
            @d
            def old(self):
                pass  # why

            # next
            def next(self):
                pass
        """,
        """
        class A:
            @d
            def old(self):
                pass  # why

            def new(self): pass

            # next
            def next(self):
                pass
        """,
    )


def test_the_lines_of_its_strings_are_not_indented() -> None:
    code = "def new(self):\n    '''a\n  b'''\n    return '''\nx\n'''"
    assert_changes(
        _edit(code),
        "class A:\n    def old(self): pass\n",
        "class A:\n    def old(self): pass\n\n"
        "    def new(self):\n        '''a\n  b'''\n        return '''\nx\n'''\n",
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "class A:\n  def old(self): pass\n  # next\n  y = 1\n",
            "class A:\n  def old(self): pass\n\n  def new(self): pass\n\n  # next\n  y = 1\n",
        ),
        (
            "class A:\n    def old(self): pass\nx = 1\n",
            "class A:\n    def old(self): pass\n\n    def new(self): pass\n\nx = 1\n",
        ),
        (
            "class A:\n    def old(self): pass\n\n\nx = 1\n",
            "class A:\n    def old(self): pass\n\n    def new(self): pass\n\n\nx = 1\n",
        ),
        (
            "class A:\n    def old(self): pass",
            "class A:\n    def old(self): pass\n\n    def new(self): pass",
        ),
        (
            "class A:\n\tasync def old(self):\n\t\tb\n\n\tx = 1\n",
            "class A:\n\tasync def old(self):\n\t\tb\n\n\tdef new(self): pass\n\n\tx = 1\n",
        ),
    ],
)
def test_there_is_a_blank_line_on_both_sides(before: str, after: str) -> None:
    assert_changes(_edit(), before, after)


def test_the_last_of_several_definitions_is_the_neighbour() -> None:
    assert_changes(
        _edit(),
        """
        class A:
            @property
            def old(self): pass

            @old.setter
            def old(self, x): pass
        """,
        """
        class A:
            @property
            def old(self): pass

            @old.setter
            def old(self, x): pass

            def new(self): pass
        """,
    )


def test_a_class_in_a_class_or_function_gets_its_method() -> None:
    before = "def f():\n    class A:\n        class B:\n            def old(self): pass\n"
    after = before + "\n            def new(self): pass\n"
    assert_changes(_edit(inside="m.f.A.B"), before, after)


def test_several_methods_behind_one_are_in_the_order_of_the_patches() -> None:
    patches = {
        f"musa/{name}": patch(_edit(f"def {name}(self): pass")) for name in ("two", "one", "three")
    }
    after = applied(one("class A:\n    def old(self): pass\n"), patches)["m.py"].decode()
    assert after == (
        "class A:\n    def old(self): pass\n\n    def one(self): pass\n"
        "\n    def three(self): pass\n\n    def two(self): pass\n"
    )


@pytest.mark.parametrize(
    "there",
    [
        "def new(self): return 1",
        "async def new(self): pass",
        "new = property()",
        "new: int = 1",
        "class new: pass",
        "if x:\n        def new(self): return 1",
        "try:\n        new = 1\n    except E: pass",
    ],
)
def test_a_member_of_that_name_is_drift(there: str) -> None:
    problem = assert_untouched(_edit(), f"class A:\n    def old(self): pass\n    {there}\n")
    assert problem.reason == "A has a 'new' of its own"
    assert problem.line >= 3


def test_a_local_name_of_a_method_is_no_member() -> None:
    outcome = outcome_of(_edit(), "class A:\n    def old(self):\n        new = 1\n")
    assert outcome.status is Status.APPLIED


def test_the_same_member_is_obsolete_however_it_is_formatted() -> None:
    before = "class A:\n    def old(self): pass\n    def new( self ):\n        pass  # why\n"
    assert_untouched(_edit(), before, Status.OBSOLETE)


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        ("class A:\n    x = 1\n", "A has no method 'old' to write 'new' behind"),
        ("class A:\n    if x:\n        def old(self): pass\n", "A has no method 'old'"),
        ("def A():\n    def old(self): pass\n", "A is not a class"),
    ],
)
def test_a_class_without_the_neighbour_is_drift(before: str, reason: str) -> None:
    problem = assert_untouched(_edit(), before)
    assert problem.reason.startswith(reason)
    assert problem.looked_for == "def new(self): pass"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"code": ""}, "must not be empty"),
        ({"code": "x = 1"}, "one function definition"),
        ({"code": "def f(self): pass\ndef g(self): pass"}, "one function definition"),
        ({"code": "def f(self): return $x"}, "never bound"),
        ({"code": "def f("}, "not Python"),
        ({"inside": ""}, "`inside` must not be empty"),
        ({"after": ""}, "`after` must be the name of a method"),
        ({"after": "A.old"}, "`after` must be the name of a method"),
    ],
)
def test_a_wrong_declaration_fails_where_it_is_made(fields: dict[str, str], message: str) -> None:
    good = {"inside": "m.A", "after": "old", "code": "def new(self): pass"}
    with pytest.raises(ValueError, match=message):
        AddMember(**{**good, **fields})


@pytest.mark.parametrize("missing", ["inside", "after", "code"])
def test_a_field_that_is_left_out_is_a_type_error(missing: str) -> None:
    good = {"inside": "m.A", "after": "old", "code": "def new(self): pass"}
    with pytest.raises(TypeError, match=missing):
        AddMember(**{name: value for name, value in good.items() if name != missing})
