"""The examples in the docstrings of the kinds of edit for CMake are true."""

from __future__ import annotations

import importlib
import pkgutil
import re

import pytest

from tests.transforms.cmake_files import assert_changes
from transforms.edits import cmake

_BLOCK = r"((?:\n|    [^\n]*\n)+)"
_BEFORE = re.compile(r"Before::\n\n" + _BLOCK)
_GIVES = re.compile(r"`([A-Z]\w+\([^`]*?\))`\s+gives::\n\n" + _BLOCK, re.DOTALL)


def _examples() -> list[tuple[str, str, str]]:
    found = []
    for module in pkgutil.iter_modules(cmake.__path__):
        text = importlib.import_module(f"{cmake.__name__}.{module.name}").__doc__ or ""
        before = _BEFORE.search(text)
        assert before, module.name
        examples = _GIVES.findall(text)
        assert len(examples) == 2, module.name
        found += [(call, before[1], after) for call, after in examples]
    return found


@pytest.mark.parametrize(("call", "before", "after"), _examples())
def test_an_example_gives_what_it_says(call: str, before: str, after: str) -> None:
    edit = eval(call, vars(cmake))  # noqa: S307 - it is our own docstring
    assert_changes(edit, before.strip("\n") + "\n", after.strip("\n") + "\n")
