"""The order of a constructor's fields, held against what `dataclasses` and `typing` accept."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transforms.executed import executed
from transforms.engine.syntax.fields import inherited, orders_fields, out_of_order, positional
from transforms.engine.syntax.source import parse

_IMPORTS = "from dataclasses import *\nfrom typing import *\n"
_FORMS = (
    "{}: int",
    "{}: int = 1",
    "{} = 1",
    "{}: ClassVar[int] = 1",
    "{}: 'ClassVar[int]' = 1",
    "{}: int = field()",
    "{}: int = field(default=1)",
    "{}: int = field(default_factory=int)",
    "{}: int = field(init=False)",
    "{}: int = field(kw_only=True)",
    "{}: int = field(kw_only=True, default=1)",
    "{}: InitVar[int]",
    "def {}(self): pass",
)
_bodies = st.lists(st.sampled_from(_FORMS), min_size=1, max_size=6)


def _class(code: str) -> ast.ClassDef:
    node = parse(code).body[-1]
    assert isinstance(node, ast.ClassDef)
    return node


@given(base=_bodies, own=_bodies, marker=st.integers(0, 6))
def test_python_accepts_what_is_in_order(base: list[str], own: list[str], marker: int) -> None:
    lines = [form.format(f"b{number}") for number, form in enumerate(base)]
    mine = [form.format(f"a{number}") for number, form in enumerate(own)]
    mine[marker:marker] = ["_: KW_ONLY"]
    bodies = ("\n    ".join(part) for part in (lines, mine))
    code = "{}@dataclass\nclass B:\n    {}\n@dataclass\nclass A(B):\n    {}\n".format(
        _IMPORTS, *bodies
    )
    module = parse(code)
    (other, node) = (item for item in module.body if isinstance(item, ast.ClassDef))
    wrong = out_of_order([], other.body)[0] or out_of_order(inherited(node, module), node.body)[0]
    try:
        executed(code)
    except TypeError as error:
        assert "non-default argument" in str(error)  # noqa: PT017 - both ways are right
        assert wrong
    else:
        assert not wrong


@pytest.mark.parametrize(
    ("header", "orders"),
    [
        ("@dataclass\nclass A:", True),
        ("@dataclasses.dataclass(frozen=True)\nclass A:", True),
        ("@config\nclass A:", True),
        ("@config(config=1)\nclass A:", True),
        ("@attrs.define\nclass A:", True),
        ("class A(NamedTuple):", True),
        ("class A(msgspec.Struct, array_like=True):", True),
        ("@dataclass(kw_only=False)\nclass A:", True),
        ("@dataclass(kw_only=True)\nclass A:", False),
        ("class A(msgspec.Struct, kw_only=True):", False),
        ("class A(BaseModel):", False),
        ("@register\nclass A(B):", False),
        ("class A:", False),
    ],
)
def test_which_classes_order_their_fields(header: str, orders: bool) -> None:  # noqa: FBT001
    assert orders_fields(_class(f"{header}\n    a: int\n")) is orders


def test_pydantics_field_is_a_default_to_python() -> None:
    (field,) = positional(_class("class A:\n    a: int = Field(gt=1)\n").body)
    assert field.has_default


def test_a_field_that_is_declared_again_keeps_its_place() -> None:
    module = parse(
        "@dataclass\nclass B:\n    a: int\n    b: int = 1\n@dataclass\nclass A(B):\n a: str\n"
    )
    node = module.body[-1]
    assert isinstance(node, ast.ClassDef)
    assert out_of_order(inherited(node, module), node.body) == ("", "")
    assert [item.name for item in inherited(node, module)] == ["a", "b"]
