"""AddMember: methods and classes, where they are written, and the blank lines around them."""

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
        ("class A:\n    x = 1\n", "A has no member 'old' to write 'new' behind"),
        ("class A:\n    if x:\n        def old(self): pass\n", "A has no member 'old'"),
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
        ({"code": ""}, "give either `code` or `base`"),
        ({"base": "B"}, "give either `code` or `base`"),
        ({"before": "g"}, "give either `after` or `before`"),
        ({"code": "f()"}, "one `def`, `class` or assignment"),
        ({"code": "def f(self): pass\ndef g(self): pass"}, "one `def`, `class` or assignment"),
        ({"code": "def f(self): pass\n'text'"}, "one `def`, `class` or assignment"),
        ({"code": "x = 1\n'text'\ny = 1"}, "one `def`, `class` or assignment"),
        ({"code": "x = y = 1"}, "a field is one name"),
        ({"code": "x, y = 1, 2"}, "a field is one name"),
        ({"code": "x.y: int = 1"}, "a field is one name"),
        ({"code": "def f(self): return $x"}, "never bound"),
        ({"code": "def f("}, "not Python"),
        ({"inside": ""}, "`inside` must not be empty"),
        ({"after": "A.old"}, "must be the name of a member"),
        ({"after": "", "before": "x y"}, "must be the name of a member"),
        ({"code": "", "base": "B = 1"}, "a base must be a class"),
        ({"code": "", "base": "B, C"}, "a base must be a class"),
        ({"code": "", "base": "metaclass=B"}, "a base must be a class"),
    ],
)
def test_a_wrong_declaration_fails_where_it_is_made(fields: dict[str, str], message: str) -> None:
    good = {"inside": "m.A", "after": "old", "code": "def new(self): pass"}
    with pytest.raises(ValueError, match=message):
        AddMember(**{**good, **fields})


def test_a_class_that_is_not_named_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="inside"):
        AddMember(code="def new(self): pass")  # type: ignore[call-arg]


def test_without_a_neighbour_a_method_goes_behind_the_last_one() -> None:
    code = "async def new(self): pass"
    before = "class A:\n    x = 1\n    def a(self): pass\n    y = 2\n"
    after = (
        "class A:\n    x = 1\n    def a(self): pass\n\n    async def new(self): pass\n\n    y = 2\n"
    )
    assert_changes(AddMember(inside="m.A", code=code), before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "class A:\n    x = 1\n    'X.'\n",
            "class A:\n    x = 1\n    'X.'\n\n    def new(self): pass\n",
        ),
        ("class A:\n    'A.'\ny = 1\n", "class A:\n    'A.'\n\n    def new(self): pass\n\ny = 1\n"),
        ("class A: pass\n", "class A:\n    def new(self): pass\n"),
        ("class A(B):  ...  # why\n", "class A(B):\n    def new(self): pass  # why\n"),
        ("if a:\n\tclass A: pass\n", "if a:\n\tclass A:\n\t\tdef new(self): pass\n"),
        (b"class A: pass\r\n", b"class A:\r\n    def new(self): pass\r\n"),
    ],
)
def test_a_class_without_methods_gets_its_first(before: str | bytes, after: str | bytes) -> None:
    assert_changes(AddMember(inside="m.A", code="def new(self): pass"), before, after)


def test_before_a_member_is_above_its_comments_and_decorators() -> None:
    edit = AddMember(inside="m.A", before="old", code="class New:\n    x = 1")
    assert_changes(
        edit,
        """
        class A:
            x = 1

            # about
            # old
            @overload
            def old(self): pass
            def old(self): pass
        """,
        """
        class A:
            x = 1

            class New:
                x = 1

            # about
            # old
            @overload
            def old(self): pass
            def old(self): pass
        """,
    )


def test_a_method_stands_behind_a_field_and_what_describes_it() -> None:
    assert_changes(
        AddMember(inside="m.A", after="x", code="def new(self): pass"),
        "class A:\n    x = 1\n    'X.'\n    y = 2\n",
        "class A:\n    x = 1\n    'X.'\n\n    def new(self): pass\n\n    y = 2\n",
    )


def test_code_on_one_line_with_the_class_is_drift() -> None:
    problem = assert_untouched(AddMember(inside="m.A", code="y = 2"), "class A: x = 1\n")
    assert problem.reason.startswith("the statement shares its line with")
