"""The examples in the docstrings of the kinds of edit are true."""

from __future__ import annotations

import importlib
import pkgutil
import re

import pytest

from tests.transforms.trees import assert_changes
from transforms import edits

_BLOCK = r"((?:\n|    [^\n]*\n)+)"
_BEFORE = re.compile(r"Before::\n\n" + _BLOCK)
_GIVES = re.compile(r"`([A-Z]\w+\(.*?\))` gives::\n\n" + _BLOCK, re.DOTALL)
# A new file and a tree-wide rule have nothing to show in one block of code, and a function no text.
_WITHOUT = {"add_module", "apply_rule", "rewrite"}


def _examples() -> list[tuple[str, str, str]]:
    found = []
    for module in pkgutil.iter_modules(edits.__path__):
        text = importlib.import_module(f"{edits.__name__}.{module.name}").__doc__ or ""
        before = _BEFORE.search(text)
        examples = _GIVES.findall(text)
        assert (module.name in _WITHOUT) == (before is None or not examples), module.name
        found += [(call, before[1], after) for call, after in examples if before]
    return found


@pytest.mark.parametrize(("call", "before", "after"), _examples())
def test_an_example_gives_what_it_says(call: str, before: str, after: str) -> None:
    edit = eval(call, vars(edits))  # noqa: S307 - it is our own docstring
    assert_changes(edit, before.strip("\n") + "\n", after.strip("\n") + "\n")


def test_there_are_examples() -> None:
    assert len(_examples()) >= 4
