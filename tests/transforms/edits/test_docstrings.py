"""The examples in the docstrings of the kinds of edit are true."""

from __future__ import annotations

import importlib
import pkgutil
import re
from typing import TYPE_CHECKING, TypeAlias

import pytest

from tests.transforms.trees import assert_changes, assert_file_changes
from transforms import edits

if TYPE_CHECKING:
    from types import ModuleType

_BLOCK = r"((?:\n|    [^\n]*\n)+)"
_BEFORE = re.compile(r"Before::\n\n" + _BLOCK)
_GIVES = re.compile(r"`([A-Z]\w+\(.*?\))`\sgives::\n\n" + _BLOCK, re.DOTALL)
# A new file and a tree-wide rule have nothing to show in one block of code, and a function no text.
_WITHOUT = {"add_module", "apply_rule", "rewrite"}


_Example: TypeAlias = "tuple[ModuleType, str, str, str]"


def _examples(package: ModuleType = edits) -> list[_Example]:
    """Give the examples of a package's modules: the package, a call, code before, code after."""
    found: list[_Example] = []
    for module in pkgutil.iter_modules(package.__path__):
        there = importlib.import_module(f"{package.__name__}.{module.name}")
        if module.ispkg:
            found += _examples(there)
            continue
        text = there.__doc__ or ""
        before = _BEFORE.search(text)
        examples = _GIVES.findall(text)
        assert (module.name in _WITHOUT) == (before is None or not examples), module.name
        found += [(package, call, before[1], after) for call, after in examples if before]
    return found


@pytest.mark.parametrize(("package", "call", "before", "after"), _examples())
def test_an_example_gives_what_it_says(
    package: ModuleType, call: str, before: str, after: str
) -> None:
    edit = eval(call, vars(package))  # noqa: S307 - it is our own docstring
    before, after = (text.strip("\n") + "\n" for text in (before, after))
    if package is edits:
        assert_changes(edit, before, after)
    else:
        assert_file_changes(edit, before, after)


def test_there_are_examples() -> None:
    packages = [package.__name__ for package, _, _, _ in _examples()]
    assert packages.count("transforms.edits") >= 20
    assert packages.count("transforms.edits.cpp") >= 6
    assert packages.count("transforms.edits.cmake") >= 4
