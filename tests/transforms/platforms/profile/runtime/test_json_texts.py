"""A column's values are written as Python's own JSON reads them."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transforms.platforms.profile.loaded import load
from tests.transforms.platforms.profile.runtime.samples import part, rows

PACKAGE = load({})
TABLES = part(PACKAGE, "tables")
KINDS = ["int", "float", "str", "bool", "ints", "floats"]


def _texts(kind: str, values: list[Any], *, optional: bool = False) -> list[str]:
    column = TABLES.Column("name", kind, optional)
    return ["%s" % text for text in part(PACKAGE, "json_texts").json_texts(column, values)]  # noqa: UP031 - as a line does


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("optional", [False, True])
@given(data=st.data())
@settings(deadline=None, max_examples=50)
def test_json_gives_the_values_back(kind: str, data: st.DataObject, *, optional: bool) -> None:
    column = TABLES.Column("name", kind, optional)
    values = [value for (value,) in data.draw(st.lists(rows([column]), min_size=1))]
    finite = [
        value
        for value in values
        if not any(item in {float("inf"), float("-inf")} for item in _items(value))
    ]
    read = [json.loads(text) for text in _texts(kind, finite, optional=optional)]
    assert read == finite
    assert [type(value) for value in read] == [type(value) for value in finite]


def _items(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def test_numbers_of_other_libraries_are_plain() -> None:
    assert _texts("int", [True]) == ["1"]
    assert _texts("float", [Fraction(1, 2), 1]) == ["0.5", "1.0"]
    assert _texts("floats", [(Fraction(1, 2), 1)]) == ["[0.5,1.0]"]
    assert _texts("ints", [range(3)]) == ["[0,1,2]"]


def test_what_is_no_number_of_json_has_a_name() -> None:
    values = [float("nan"), float("inf"), float("-inf")]
    assert _texts("float", values) == ['"NaN"', '"Infinity"', '"-Infinity"']


def test_texts_are_ascii_and_of_one_line() -> None:
    assert _texts("str", ['a"\n\x00é\U0001f600\udc80']) == [
        r'"a\"\n\u0000\u00e9\ud83d\ude00\\udc80"'
    ]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("int", 2**63),
        ("int", 1.0),
        ("int", "1"),
        ("int", None),
        ("float", "1"),
        ("float", None),
        ("str", 1),
        ("str", b"a"),
        ("bool", "yes"),
        ("bool", None),
        ("ints", 1),
        ("ints", ["1"]),
        ("ints", [None]),
        ("floats", ["1"]),
        ("floats", [None]),
    ],
)
def test_what_is_of_another_kind_is_refused(kind: str, value: object) -> None:
    with pytest.raises((TypeError, ValueError, OverflowError)):
        _texts(kind, [value])
