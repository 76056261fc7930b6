"""Slots: a new parameter's place is one that CPython allows, and the header is checked."""

from __future__ import annotations

import ast
import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transforms.trees import source_of
from transforms.engine.syntax.definition import Kind, Parameter
from transforms.engine.syntax.elements import parameter_elements
from transforms.engine.syntax.slots import (
    NoPlaceError,
    place_for,
    require_parameters,
    slots,
    without,
)
from transforms.engine.syntax.source import Source, SourceError
from transforms.engine.writing.element_sites import remove_elements

_KINDS = {
    inspect.Parameter.POSITIONAL_ONLY: Kind.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD: Kind.POSITIONAL_OR_KEYWORD,
    inspect.Parameter.VAR_POSITIONAL: Kind.VAR_POSITIONAL,
    inspect.Parameter.KEYWORD_ONLY: Kind.KEYWORD_ONLY,
    inspect.Parameter.VAR_KEYWORD: Kind.VAR_KEYWORD,
}


def _function(code: str) -> tuple[ast.FunctionDef, Source]:
    source = source_of(code)
    (node,) = source.module.body
    assert isinstance(node, ast.FunctionDef)
    return node, source


def _new(argument: str) -> Parameter:
    """Make the parameter `x`."""
    default = ast.Constant(0) if "=" in argument else None
    kind = Kind.KEYWORD_ONLY if argument.startswith("*") else Kind.POSITIONAL_OR_KEYWORD
    return Parameter(ast.arg("x", None), kind, default)


@st.composite
def _headers(draw: st.DrawFn) -> str:
    """Draw a parameter list; not all are Python."""
    names = iter("abcdefgh")
    parts = [
        next(names) + draw(st.sampled_from(["", "=1"])) for _ in range(draw(st.integers(0, 2)))
    ]
    if draw(st.booleans()) and parts:
        parts.append("/")
    parts += [
        next(names) + draw(st.sampled_from(["", "=1"])) for _ in range(draw(st.integers(0, 2)))
    ]
    star: str = draw(st.sampled_from(["", "*", "*args"]))
    only = [next(names) + draw(st.sampled_from(["", "=1"])) for _ in range(draw(st.integers(0, 2)))]
    if star and (only or star == "*args"):
        parts += [star, *only]
    if draw(st.booleans()):
        parts.append("**kw")
    return ", ".join(parts)


@given(
    header=_headers(),
    argument=st.sampled_from(["x", "x=0", "*, x", "*, x=0"]),
    after=st.sampled_from([None, *"abcdef", "args", "kw"]),
)
def test_a_place_is_one_that_python_allows_with_the_kind_that_it_says(
    header: str, argument: str, after: str | None
) -> None:
    try:
        node, source = _function(f"def f({header}): pass")
        compile(source.module, "f", "exec")
    except (SourceError, SyntaxError):
        return
    there = slots(node, source)
    try:
        place = place_for(_new(argument), there, after)
    except NoPlaceError:
        return
    texts = parameter_elements(node, source).texts
    new = ["*"] * place.needs_star + [argument.removeprefix("*, ")]
    scope: dict[str, object] = {}
    exec(f"def f({', '.join([*texts[: place.index], *new, *texts[place.index :]])}): pass", scope)  # noqa: S102
    function = scope["f"]
    assert callable(function)
    found = list(inspect.signature(function).parameters.values())
    kinds = {item.name: _KINDS[item.kind] for item in found}
    assert kinds.pop("x") is place.kind
    # The others take their arguments as they did, in the order that they had.
    assert list(kinds.items()) == [(slot.name, slot.kind) for slot in there if slot.parameter]
    if after is not None and not (argument.startswith("*") and kinds[after] is not place.kind):
        names = [item.name for item in found]
        assert names.index("x") == names.index(after) + 1


def test_without_a_last_keyword_only_parameter_there_is_no_star() -> None:
    node, source = _function("def f(a, /, *, x, **k): pass")
    there = slots(node, source)
    assert [slot.name for slot in there] == ["a", "/", "*", "x", "k"]
    assert [slot.name for slot in without(there, "x")] == ["a", "/", "k"]
    assert [slot.name for slot in without(there, "a")] == ["*", "x", "k"]


@pytest.mark.parametrize(
    "wanted", [[("a", Kind.KEYWORD_ONLY)], [("b", Kind.POSITIONAL_OR_KEYWORD)], []]
)
def test_a_header_that_has_other_parameters_is_refused(wanted: list[tuple[str, Kind]]) -> None:
    node, source = _function("def f(a, b): pass")
    site = remove_elements(parameter_elements(node, source), 1, 1)
    assert require_parameters(site, node, [("a", Kind.POSITIONAL_OR_KEYWORD)], source) is site
    with pytest.raises(SourceError, match="cannot be written there"):
        require_parameters(site, node, wanted, source)
