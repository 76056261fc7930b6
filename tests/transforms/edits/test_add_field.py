"""AddMember with fields, members of an Enum and bases: where CPython accepts them."""

from __future__ import annotations

import dataclasses
import inspect

import pytest

from tests.transforms.executed import executed, executed_after
from tests.transforms.trees import applied, assert_changes, assert_untouched, one, patch
from transforms.edits import AddMember
from transforms.engine.outcome import Status

_DATACLASS = "from dataclasses import KW_ONLY, dataclass, field\nfrom typing import ClassVar\n"


def _edit(code: str, **where: str) -> AddMember:
    return AddMember(inside="m.A", code=code, **where)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "class A:\n    a = 1\n    def f(self): pass\n    b = f\n",
            "class A:\n    a = 1\n    x = 2\n\n    def f(self): pass\n    b = f\n",
        ),
        (
            "class A:\n    a = 1  # why\n    # next\n",
            "class A:\n    a = 1  # why\n    x = 2\n    # next\n",
        ),
        (
            "class A:\n    'A.'\n\n    def f(self): pass\n",
            "class A:\n    'A.'\n\n    x = 2\n\n    def f(self): pass\n",
        ),
        (
            "class A:\n    # about f\n    def f(self): pass\n",
            "class A:\n    x = 2\n\n    # about f\n    def f(self): pass\n",
        ),
        ("class A:\n    pass\n", "class A:\n    x = 2\n    pass\n"),
        ("class A: pass\n", "class A:\n    x = 2\n"),
        (
            "class A:\n    a: int = 1\n    'A.'\n    b: int\n    'B.'\nz = 1\n",
            "class A:\n    a: int = 1\n    'A.'\n    b: int\n    'B.'\n    x = 2\nz = 1\n",
        ),
    ],
)
def test_a_field_goes_behind_the_last_field(before: str, after: str) -> None:
    assert_changes(_edit("x = 2"), before, after)


def test_blank_lines_stay_as_they_are_around_a_method() -> None:
    before = "class A:\n    a = 1\n\n    def f(self): pass\n    b = f\n"
    assert_changes(_edit("x = 2"), before, before.replace("a = 1\n", "a = 1\n    x = 2\n"))
    after = before.replace("pass\n", "pass\n\n    x = 2\n\n")
    assert_changes(_edit("x = 2", after="f"), before, after)


def test_a_field_is_described_by_the_string_below_it() -> None:
    assert_changes(
        _edit("x: int = 2\n'X.'", after="a"),
        "class A:\n    a: int = 1\n    'A.'\n    b: int = 1\n",
        "class A:\n    a: int = 1\n    'A.'\n    x: int = 2\n    'X.'\n    b: int = 1\n",
    )
    assert_changes(
        _edit("x: int = 2\n'X.'", before="b"),
        "class A:\n    a: int = 1\n    'A.'\n    # about b\n    b: int = 1\n",
        "class A:\n    a: int = 1\n    'A.'\n    x: int = 2\n    'X.'\n    # about b\n"
        "    b: int = 1\n",
    )
    there = "class A:\n    x: int = 2\n    'Another text.'\n"
    assert_untouched(_edit("x: int = 2\n'X.'"), there, Status.OBSOLETE)


@pytest.mark.parametrize(
    ("body", "code", "signature"),
    [
        ("a: int\n    b: int = 1", "x: int", "(a, x, b=1)"),
        ("a: int\n    b: int = 1", "x: int = 2", "(a, b=1, x=2)"),
        ("b: int = 1", "x: int", "(x, b=1)"),
        ("a: int", "x: int", "(a, x)"),
        ("pass", "x: int", "(x)"),
        ("a: int\n    b: int = field(default=1)", "x: int", "(a, x, b=1)"),
        ("a: int = field(repr=False)\n    b: int = 1", "x: int = field()", "(a, x, b=1)"),
        ("a: int\n    b: int = field(init=False)", "x: int", "(a, x)"),
        ("a: int\n    c: ClassVar[int] = 1\n    b: 'ClassVar[int]' = 1", "x: int", "(a, x)"),
        ("b: int = 1", "x: int = field(kw_only=True)", "(b=1, *, x)"),
        ("b: int = 1\n    _: KW_ONLY\n    c: int", "x: int", "(x, b=1, *, c)"),
        ("b: int = 1\n    _: KW_ONLY\n    c: int", "x: int = 2", "(b=1, *, c, x=2)"),
        ("b: int = 1\n    c = 3", "x: ClassVar[int] = 2", "(b=1)"),
        ("b: int = 1\n    def f(self): pass\n    c: int = 3", "x: int = 2", "(b=1, c=3, x=2)"),
    ],
)
def test_a_field_of_a_dataclass_is_where_python_accepts_it(
    body: str, code: str, signature: str
) -> None:
    before = f"{_DATACLASS}@dataclass(repr=True)\nclass A:\n    {body}\n"
    made = executed_after(before, _edit(code)).A
    parameters = inspect.signature(made).parameters.values()
    plain = [item.replace(annotation=inspect.Parameter.empty) for item in parameters]
    assert str(inspect.Signature(plain)) == signature


@pytest.mark.parametrize(
    "head", ["@dataclass(kw_only=True)", "@dataclasses.dataclass(kw_only=True)"]
)
def test_keyword_only_fields_have_no_order(head: str) -> None:
    before = f"import dataclasses\n{_DATACLASS}{head}\nclass A:\n    a: int = 1\n"
    made = executed_after(before, _edit("x: int", after="a")).A
    assert [item.name for item in dataclasses.fields(made)] == ["a", "x"]


@pytest.mark.parametrize(
    ("head", "code", "where", "reason"),
    [
        (
            "@dataclass\nclass A:",
            "x: int",
            {"after": "b"},
            "has a default for 'b', so that 'x' needs one",
        ),
        ("@config\nclass A:", "x: int", {"after": "b"}, "has a default for 'b'"),
        ("@config(a=1)\nclass A:", "x: int", {"after": "b"}, "has a default for 'b'"),
        ("class A(NamedTuple):", "x: int", {"after": "b"}, "has a default for 'b'"),
        ("class A(msgspec.Struct):", "x: int", {"after": "b"}, "has a default for 'b'"),
        (
            "@dataclass\nclass A:",
            "x: int = 2",
            {"before": "a"},
            "has no default for 'a', so that 'x' before it can have none",
        ),
    ],
)
def test_a_place_against_the_order_is_drift(
    head: str, code: str, where: dict[str, str], reason: str
) -> None:
    before = f"{head}\n    a: int\n    b: int = 1\n"
    assert reason in assert_untouched(_edit(code, **where), before).reason


@pytest.mark.parametrize(
    ("bases", "code", "reason"),
    [
        ("B", "x: int", "has a default for 'b', so that 'x' needs one"),
        ("C", "x: int", "has a default for 'b', so that 'x' needs one"),
        ("m.B", "x: int", "has a default for 'b', so that 'x' needs one"),
        ("B", "b: str", ""),
        ("C", "x: int = 1", ""),
        ("K", "x: int", ""),
    ],
)
def test_fields_of_a_base_come_first(bases: str, code: str, reason: str) -> None:
    before = f"""{_DATACLASS}
import sys
m = sys.modules["m"]
@dataclass
class B:
    b: int = 1
@dataclass
class C(B):
    c: int = 1
@dataclass(kw_only=True)
class K:
    k: int = 1
@dataclass
class A({bases}):
    pass
"""
    if reason:
        assert reason in assert_untouched(_edit(code), before).reason
    else:
        assert executed_after(before, _edit(code)).A is not None


def test_a_field_of_a_base_keeps_its_place_where_it_is_declared_again() -> None:
    before = f"""{_DATACLASS}
@dataclass
class B:
    a: int
@dataclass
class A(B):
    b: int = 1
    a: str
"""
    made = executed_after(before, _edit("x: int")).A
    assert list(inspect.signature(made).parameters) == ["a", "x", "b"]


def test_python_refuses_that_order_too() -> None:
    with pytest.raises(TypeError, match="non-default argument"):
        executed(f"{_DATACLASS}@dataclass\nclass A:\n    b: int = 1\n    x: int\n")


@pytest.mark.parametrize(
    ("before", "code", "reason"),
    [
        ("class A(TypedDict):\n    a: int", "x: int = 1", "is a TypedDict"),
        ("class A(TypedDict):\n    a: int", "def f(self): pass", "is a TypedDict"),
        ("class A(NamedTuple):\n    a: int", "_x: int", "begins with no underscore"),
        ("class A(pydantic.BaseModel):\n    a: int", "x = 1", "annotate 'x'"),
        ("class A(Enum):\n    a = 1", "x: int", "x needs a value"),
        ("class A(Enum):\n    a = (1, 'b')", 'x = (1, "b")', "x would be an alias of a"),
        ("class A(B):\n    a = 1\nclass B(IntFlag): pass", "x = 1", "x would be an alias of a"),
    ],
)
def test_a_member_that_the_class_cannot_have_is_drift(before: str, code: str, reason: str) -> None:
    assert reason in assert_untouched(_edit(code), before + "\n").reason


@pytest.mark.parametrize(
    ("before", "code"),
    [
        ("class A(TypedDict):\n    a: int", "x: int"),
        ("class A(NamedTuple):\n    a: int = 1", "x: int = 2"),
        ("class A(NamedTuple):\n    a: int = 1", "_x = 2"),
    ],
)
def test_a_member_that_the_class_can_have_is_accepted_by_python(before: str, code: str) -> None:
    text = f"from typing import NamedTuple, TypedDict\n{before}\n"
    assert executed_after(text, _edit(code)).A is not None


@pytest.mark.parametrize(
    ("bases", "members", "code", "values"),
    [
        ("Enum", "a = 1\n    b = 2", "x = 3", {"a": 1, "b": 2, "x": 3}),
        ("str, Enum", "a = 'p'\n\n    def f(self): pass", "x = 'q'", {"a": "p", "x": "q"}),
        ("IntFlag", "a = auto()\n    b = auto()", "x = auto()", {"a": 1, "b": 2, "x": 4}),
        ("Enum", "def f(self): pass\n    a = 1", "x = auto()", {"a": 1, "x": 2}),
        ("Enum", "a = 1", "def f(self): pass", {"a": 1}),
    ],
)
def test_a_member_of_an_enum_goes_behind_the_last_one(
    bases: str, members: str, code: str, values: dict[str, object]
) -> None:
    before = f"from enum import Enum, IntFlag, auto\nclass A({bases}):\n    {members}\n"
    made = executed_after(before, _edit(code)).A
    assert {item.name: item.value for item in made} == values


def test_a_value_in_front_of_auto_would_renumber() -> None:
    before = "from enum import Enum, auto\nclass A(Enum):\n    a = auto()\n    b = auto()\n"
    problem = assert_untouched(_edit("x = 9", before="b"), before)
    assert problem.reason == (
        "A has members with auto() behind that place: they would count on from x"
    )
    made = executed_after(before, _edit("x = auto()", before="b")).A
    assert [(item.name, item.value) for item in made] == [("a", 1), ("x", 2), ("b", 3)]


@pytest.mark.parametrize(
    ("header", "base", "where", "after"),
    [
        ("class A:", "B", {}, "class A(B):"),
        ("class A():", "B", {}, "class A(B):"),
        ("class A ( C , ):", "B", {}, "class A ( C, B , ):"),
        ("class A(C, metaclass=M):", "B", {}, "class A(C, B, metaclass=M):"),
        ("class A(metaclass=M):", "B", {}, "class A(B, metaclass=M):"),
        ("class A(object):", "B", {}, "class A(B, object):"),
        ("class A(C, abc.ABC, Generic[T]):", "B[T]", {}, "class A(C, B[T], abc.ABC, Generic[T]):"),
        ("class A(str, Enum):", "B", {}, "class A(str, B, Enum):"),
        ("class A(C, D):", "m.B", {"before": "C"}, "class A(m.B, C, D):"),
        ("class A(C, (D)):", "B", {"after": "C"}, "class A(C, B, (D)):"),
        ("class A(C, D[ int ]):", "B", {"after": "D[int]"}, "class A(C, D[ int ], B):"),
        (
            "class A(\n    C,  # why\n    D,\n):",
            "B",
            {"after": "C"},
            "class A(\n    C,  # why\n    B,\n    D,\n):",
        ),
    ],
)
def test_a_base_is_added(header: str, base: str, where: dict[str, str], after: str) -> None:
    edit = AddMember(inside="m.A", base=base, **where)
    assert_changes(edit, f"{header}\n    pass\n", f"{after}\n    pass\n")


def test_python_accepts_the_order_of_the_bases() -> None:
    before = """
    import abc, enum
    from typing import Generic, Protocol, TypeVar
    T = TypeVar("T")
    class B(abc.ABC):
        def f(self): return 1
    class A1: x = 1
    class A2(object): x = 1
    class A3(abc.ABC): x = 1
    class A4(A1, Generic[T]): x = 1
    class A5(A1, metaclass=abc.ABCMeta): x = 1
    class G(Generic[T]): x = 1
    class A6(G[int]): x = 1
    """
    edits = [AddMember(inside=f"m.A{number}", base="B") for number in range(1, 7)]
    module = executed_after(before, *edits)
    assert [getattr(module, f"A{number}")().f() for number in range(1, 7)] == [1] * 6


@pytest.mark.parametrize(
    ("header", "where", "reason"),
    [
        ("class A(C):", {"after": "D"}, "A has no base D"),
        ("class A(NamedTuple):", {}, "A can have no other base"),
        ("class A(TypedDict):", {}, "A can have no other base"),
        ("def A():", {}, "A is not a class"),
    ],
)
def test_a_class_that_cannot_have_the_base_is_drift(
    header: str, where: dict[str, str], reason: str
) -> None:
    edit = AddMember(inside="m.A", base="B", **where)
    assert assert_untouched(edit, f"{header}\n    pass\n").reason == reason


def test_a_base_that_is_there_is_obsolete() -> None:
    edit = AddMember(inside="m.A", base="m.B[int]")
    assert_untouched(edit, "class A(m . B[ int ], C): pass\n", Status.OBSOLETE)


def test_fields_of_several_patches_are_in_the_order_of_their_names() -> None:
    names = ("two", "one", "three")
    patches = {f"p/{name}": patch(_edit(f"{name}: int = 1")) for name in names}
    after = applied(one("class A:\n    a: int\n"), patches)["m.py"].decode()
    lines = [f"    {name}: int = 1\n" for name in sorted(names)]
    assert after == "class A:\n    a: int\n" + "".join(lines)
