"""The order of imports is isort's."""

from __future__ import annotations

import ast
import sys

import isort
from hypothesis import given
from hypothesis import strategies as st
from isort.stdlibs import py3

from transforms.engine.syntax.standard_library import STANDARD_LIBRARY
from transforms.engine.writing.import_order import Import, name_key, section_of, statement_key

ISORT = isort.Config(profile="black", known_first_party=["own"])
NAMES = st.sampled_from(["a", "B", "CD", "e_F", "a9", "a10", "a09", "_x", "A", "b2c", "B2C", "os"])


def _import(line: str) -> Import:
    (node,) = ast.parse(line).body
    assert isinstance(node, Import)
    return node


def test_the_standard_library_is_that_of_isort_and_of_the_running_python() -> None:
    assert sys.stdlib_module_names <= STANDARD_LIBRARY | {"this", "antigravity"}
    assert py3.stdlib - STANDARD_LIBRARY <= _since_our_list()


def _since_our_list() -> set[str]:
    """Give what a newer isort may know of Pythons that are newer than our list."""
    return set()


def test_the_sections_are_those_of_isort() -> None:
    for name in [
        "__future__",
        "os",
        "re",
        "torch",
        "own",
        "own.a",
        "owner",
        "tomllib",
        "distutils",
    ]:
        place = isort.place_module(name, config=ISORT)
        sections = ("FUTURE", "STDLIB", "THIRDPARTY", "FIRSTPARTY", "LOCALFOLDER")
        assert section_of(_import(f"import {name}"), "own") == sections.index(place)
    assert section_of(_import("from . import a"), "own") == 4


@given(st.lists(NAMES, min_size=1, unique_by=str.lower))
def test_the_names_of_a_statement_are_ordered_as_by_isort(names: list[str]) -> None:
    sorted_by_isort = isort.code(f"from q import {', '.join(names)}\n", config=ISORT)
    there = _import(sorted_by_isort).names
    assert sorted(there, key=name_key) == there


@given(
    st.lists(st.tuples(NAMES, NAMES, st.sampled_from(["import {0}", "from {0} import {1}"]))),
    st.lists(st.sampled_from(["from . import a", "from .. import a", "from .b import a"])),
)
def test_statements_are_ordered_as_by_isort(
    lines: list[tuple[str, str, str]], local: list[str]
) -> None:
    text = "".join(f"{form.format(left, right)}\n" for left, right, form in lines)
    sorted_by_isort = isort.code(text + "".join(f"{line}\n" for line in local), config=ISORT)
    there = [item for item in ast.parse(sorted_by_isort).body if isinstance(item, Import)]
    keys = [statement_key(item, "own")[:3] for item in there]
    assert keys == sorted(keys)
