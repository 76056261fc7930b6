"""The examples in the docstrings of the rules over C++ are true."""

from __future__ import annotations

import re
from importlib import import_module
from pkgutil import iter_modules
from textwrap import dedent

import pytest

from tests.transforms.rules.cpp.conftest import RuleTester
from transforms.rules import cpp

_BLOCK = r"::\n\n((?:\n|    [^\n]*(?:\n|\Z))+)"
_EXAMPLE = re.compile("Before" + _BLOCK + "After" + _BLOCK)
_MODULES = {
    found.name: module
    for found in iter_modules(cpp.__path__)
    if hasattr(module := import_module(f"{cpp.__name__}.{found.name}"), "RULE")
    or hasattr(module, "EXAMPLE_RULE")
}


def _examples() -> list[object]:
    return [
        pytest.param(stem, before, after, id=f"{stem}-{number}")
        for stem, module in _MODULES.items()
        for number, (before, after) in enumerate(_EXAMPLE.findall(module.__doc__ or ""))
    ]


@pytest.mark.parametrize(("stem", "before", "after"), _examples())
def test_an_example_gives_what_it_says(stem: str, before: str, after: str) -> None:
    module = _MODULES[stem]
    rule = getattr(module, "EXAMPLE_RULE", None) or module.RULE
    before, after = (dedent(text).strip("\n") + "\n" for text in (before, after))
    RuleTester(rule).assert_changes(before, after)


@pytest.mark.parametrize("stem", _MODULES)
def test_every_rule_has_an_example_and_the_name_of_its_module(stem: str) -> None:
    module = _MODULES[stem]
    assert _EXAMPLE.search(module.__doc__ or "")
    assert (getattr(module, "EXAMPLE_RULE", None) or module.RULE).name == stem
