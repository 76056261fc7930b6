"""Parts of syntax: a function's parameters as a list and back, names, headers."""

from __future__ import annotations

import ast
import copy
import inspect
from itertools import product

import pytest

from transforms.engine.patterns.parts import (
    Header,
    Slot,
    arguments,
    dotted_name,
    header_nodes,
    items,
    name_text,
    slots,
)

_SIGNATURES = [
    f"({', '.join(part for part in parts if part)})"
    for parts in product(
        ("", "a, /", "a, b=1, /"),
        ("", "c: int = 2"),
        ("", "*d"),
        ("", "e", "f=3, g"),
        ("", "**h"),
    )
]


def _given(text: str) -> ast.arguments:
    (function,) = ast.parse(f"def f{text}: pass").body
    assert isinstance(function, ast.FunctionDef)
    return function.args


def _with_star(text: str) -> str:
    """Put a bare star before keyword-only parameters that have none."""
    return text if "*d" in text else text.replace("e", "*, e", 1).replace("f=", "*, f=", 1)


@pytest.mark.parametrize("text", sorted(set(map(_with_star, _SIGNATURES))))
def test_parameters_become_a_list_and_parameters_again(text: str) -> None:
    """What the list says of kinds is what `inspect` says of the function."""
    given = _given(text)
    assert ast.dump(arguments(slots(given))) == ast.dump(given)
    names: dict[str, object] = {}
    exec(f"def f{text}: pass", names)  # noqa: S102 - only `inspect` knows the truth
    there = inspect.signature(names["f"]).parameters.values()  # type: ignore[arg-type]
    assert [slot.parameter.arg for slot in slots(given) if slot.parameter] == [
        each.name for each in there
    ]
    assert [bool(slot.default) for slot in slots(given) if slot.parameter] == [
        each.default is not each.empty for each in there
    ]


@pytest.mark.parametrize(
    "marks",
    [
        (Slot("*"), Slot("*")),
        (Slot("/"), Slot("/")),
        (Slot("*"), Slot("/")),
        (Slot("**", ast.arg("k")), Slot("*")),
        (Slot("**", ast.arg("k")), Slot("**", ast.arg("j"))),
    ],
)
def test_parameters_that_no_function_can_have_are_refused(marks: tuple[Slot, ...]) -> None:
    with pytest.raises(ValueError, match="no function can have"):
        arguments(marks)


def test_parameters_behind_the_last_of_all_are_refused() -> None:
    with pytest.raises(ValueError, match="no function can have"):
        arguments([Slot("**", ast.arg("k")), Slot("", ast.arg("a"))])


def test_the_items_of_a_dictionary_are_keys_and_values() -> None:
    (statement,) = ast.parse("{a: 1, **b}").body
    assert isinstance(statement, ast.Expr)
    assert isinstance(statement.value, ast.Dict)
    first, second = items(statement.value)
    assert (name_text(first.key), second.key, name_text(second.value)) == ("a", None, "b")


@pytest.mark.parametrize("text", ["a", "a.b.c", "wörd"])
def test_a_dotted_name_is_an_expression_and_a_name_again(text: str) -> None:
    node = dotted_name(text)
    assert ast.dump(node or ast.Pass()) == ast.dump(ast.parse(text, mode="eval").body)
    assert name_text(node) == text


@pytest.mark.parametrize("text", ["*", "a.*", "", "a..b", "1"])
def test_what_is_no_dotted_name_is_no_expression(text: str) -> None:
    assert dotted_name(text) is None


@pytest.mark.parametrize("text", ["a()", "a().b", "1", "a[0]", "a + b"])
def test_an_expression_that_is_no_dotted_name_has_no_text(text: str) -> None:
    assert name_text(ast.parse(text, mode="eval").body) is None


def test_a_header_can_be_copied_and_holds_no_body() -> None:
    (statement,) = ast.parse("if a:\n    b\nelse:\n    c").body
    header = Header(statement)
    for copied in (copy.copy(header), copy.deepcopy(header)):
        assert ast.dump(copied) == ast.dump(header)
    names = [node.id for node in header_nodes(statement) if isinstance(node, ast.Name)]
    assert names == ["a"]
