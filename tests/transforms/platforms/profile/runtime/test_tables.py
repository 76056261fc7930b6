"""A row is written as its table says, or refused with the column that does not fit."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from tests.transforms.platforms.profile.loaded import load
from tests.transforms.platforms.profile.runtime.samples import part

if TYPE_CHECKING:
    from types import ModuleType


@pytest.fixture(scope="module")
def tables() -> ModuleType:
    module: ModuleType = part(load({}), "tables")
    return module


class _Index:
    """An integer of another library."""

    def __index__(self) -> int:
        return 7


def test_every_table_begins_with_a_time_and_has_each_column_once(tables: ModuleType) -> None:
    for columns in tables.TABLES.values():
        names = [column.name for column in columns]
        assert names[0] == "time_ns"
        assert len(set(names)) == len(names)


def test_steps_are_what_the_scheduler_knows(tables: ModuleType) -> None:
    names = [column.name for column in tables.TABLES["steps"]]
    assert names[:4] == ["time_ns", "step", "duration_ns", "phase"]
    assert names[-3:] == ["blocks_allocated", "blocks_freed", "blocks_evicted"]
    assert len(names) == 18


def test_numbers_of_other_libraries_become_pythons(tables: ModuleType) -> None:
    row = (_Index(), 1, 2, 3, (_Index(), 4), [Fraction(1, 2)])
    found = tables.checked("routing", row)
    assert found == (7, 1, 2, 3, [7, 4], [0.5])
    assert [type(value) for value in (found[0], *found[4], *found[5])] == [int, int, int, float]


def test_what_utf_8_cannot_say_is_written_out(tables: ModuleType) -> None:
    assert tables.checked("losses", (1, "a\udc80é", 2)) == (1, r"a\udc80é", 2)


@pytest.mark.parametrize(
    ("table", "row", "why"),
    [
        ("step", (1,), "^no table 'step'$"),
        ("losses", (1, "a"), "^a row of 'losses' has 3 values, not 2$"),
        ("losses", ("1", "a", 1), "^losses.time_ns is int, not '1'"),
        ("losses", (1.0, "a", 1), "^losses.time_ns is int, not 1.0"),
        ("losses", (1, b"a", 1), "^losses.lost is str, not b'a': it is no text"),
        ("losses", (None, "a", 1), "^losses.time_ns is int, not None"),
        ("losses", (2**63, "a", 1), "it has more than 64 bits"),
        ("losses", (-(2**63) - 1, "a", 1), "it has more than 64 bits"),
        ("routing", (1, 2, 3, 4, [1], ["0.5"]), "^routing.weights is floats.*it is a text"),
        ("routing", (1, 2, 3, 4, 5, []), "^routing.experts is ints, not 5"),
        ("routing", (1, 2, 3, 4, None, []), "^routing.experts is ints, not None"),
        ("routing", (1, 2, 3, 4, [None], []), r"^routing.experts is ints, not \[None\]"),
        ("graph_captures", (1, "FULL", 8, None, "yes", True, 1), "uniform is bool, not 'yes'"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_column(
    tables: ModuleType, table: str, row: tuple[Any, ...], why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        tables.checked(table, row)


@pytest.mark.parametrize("edge", [-(2**63), 2**63 - 1])
def test_64_bits_fit(tables: ModuleType, edge: int) -> None:
    assert tables.checked("losses", (edge, "", edge)) == (edge, "", edge)


def test_only_what_is_optional_may_be_missing(tables: ModuleType) -> None:
    row = (1, "FULL", 8, None, True, False, 9)
    assert tables.checked("graph_captures", row) == row
