"""The examples in the docstrings of a dialect's rules are true."""

from __future__ import annotations

import re
import sys
from textwrap import dedent

import pytest

from tests.transforms.rules.triton.conftest import HEAD, RuleTester
from transforms.rules.triton.dialect import TRITON_3_1
from transforms.rules.triton.rules import rules_of

_BLOCK = r"::\n\n((?:\n|    [^\n]*(?:\n|\Z))+)"
_EXAMPLE = re.compile("Before" + _BLOCK + "After" + _BLOCK)
_RULES = rules_of(TRITON_3_1)


def _examples() -> list[object]:
    return [
        pytest.param(stem, before, after, id=f"{stem}-{number}")
        for stem, rule in _RULES.items()
        for number, (before, after) in enumerate(
            _EXAMPLE.findall(sys.modules[type(rule).__module__].__doc__ or "")
        )
    ]


@pytest.mark.parametrize(("stem", "before", "after"), _examples())
def test_an_example_gives_what_it_says(stem: str, before: str, after: str) -> None:
    before, after = (dedent(text).strip("\n") + "\n" for text in (before, after))
    head = "" if "import " in before else HEAD
    RuleTester(_RULES[stem]).assert_changes(before, after, head=head)


@pytest.mark.parametrize("stem", _RULES)
def test_every_rule_has_an_example(stem: str) -> None:
    assert _EXAMPLE.search(sys.modules[type(_RULES[stem]).__module__].__doc__ or "")
