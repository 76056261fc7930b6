"""JSON lines come back as they were written; what is cut off or damaged is left out and said."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transforms.platforms.profile.loaded import load
from tests.transforms.platforms.profile.runtime.samples import (
    as_read,
    batches,
    encoder,
    records,
)

if TYPE_CHECKING:
    from types import ModuleType

PACKAGE = load({})
GOOD = b'{"table":"losses","time_ns":1,"lost":"steps","rows":2}\n'
ROW = ("losses", {"time_ns": 1, "lost": "steps", "rows": 2})


@pytest.fixture
def package() -> ModuleType:
    return PACKAGE


@given(batches(PACKAGE))
@settings(deadline=None)
def test_rows_come_back_as_they_were_written(
    written: list[tuple[str, list[tuple[object, ...]]]],
) -> None:
    data = b"".join(encoder(PACKAGE, ".jsonl").encode(table, rows) for table, rows in written)
    assert records(PACKAGE, data, ".jsonl") == (as_read(PACKAGE, written), [])


@given(batches(PACKAGE), st.sampled_from(["losses", "routing", "points"]))
@settings(deadline=None)
def test_one_table_is_read_alone(
    written: list[tuple[str, list[tuple[object, ...]]]], table: str
) -> None:
    data = b"".join(encoder(PACKAGE, ".jsonl").encode(name, rows) for name, rows in written)
    mine = [item for item in as_read(PACKAGE, written) if item[0] == table]
    assert records(PACKAGE, data, ".jsonl", table) == (mine, [])


def test_cut_off_anywhere_it_gives_the_rows_before(package: ModuleType) -> None:
    written = [
        ("losses", [(1, "stéps", 2), (3, "", 4)]),
        ("routing", [(1, 2, 3, 4, [5], [0.5])]),
    ]
    data = b"".join(encoder(package, ".jsonl").encode(table, rows) for table, rows in written)
    every = as_read(package, written)
    seen = set()
    for cut in range(len(data) + 1):
        rows, notes = records(package, data[:cut], ".jsonl")
        assert rows == every[: len(rows)]
        seen.add(len(rows))
        # The line break at the end is no part of a row.
        at_an_end = cut == 0 or data[cut - 1 : cut] == b"\n" or data[cut : cut + 1] == b"\n"
        assert bool(notes) is not at_an_end, (cut, notes)
        assert all("ends in the middle of line" in note for note in notes)
    assert seen == {0, 1, 2, 3}


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"\0\0\0\0\n", "Expecting value"),
        (b"\xff\n", "decode|utf"),
        (b'{"table":"losses","time_ns":1,"lost":"st\n', "Invalid control character"),
        (b"[1]\n", "it is no row"),
        (b"\n", "Expecting value"),
        (b'{"time_ns":1}\n', "no table None"),
        (b'{"table":["losses"],"time_ns":1}\n', r"no table \['losses'\]"),
        (b'{"table":"lossez","time_ns":1,"lost":"steps","rows":2}\n', "no table 'lossez'"),
        (b'{"table":"losses","time_ns":1,"rows":2}\n', "has not these columns: time_ns, rows"),
        (b'{"table":"losses","time_ns":1,"lost":"s","rows":2,"x":3}\n', "has not these columns"),
        (b'{"table":"losses","time_ns":"1","lost":"s","rows":2}\n', "losses.time_ns is int"),
        (b'{"table":"losses","time_ns":1,"lost":null,"rows":2}\n', "losses.lost is str"),
        (
            b'{"table":"routing","time_ns":1,"step":1,"layer":1,"token":1,"experts":[],"weights":["x"]}\n',
            "routing.weights is floats",
        ),
    ],
)
def test_a_damaged_line_is_left_out_and_said(package: ModuleType, line: bytes, why: str) -> None:
    rows, notes = records(package, GOOD + line + GOOD, ".jsonl")
    assert rows == [ROW, ROW]
    (note,) = notes
    assert note.startswith("line 2 is damaged and left out: ")
    assert re.search(why, note), note


def test_a_row_whose_line_break_is_cut_off_is_whole(package: ModuleType) -> None:
    assert records(package, GOOD + GOOD[:-1], ".jsonl") == ([ROW, ROW], [])


def test_a_deep_nest_is_damage_as_any_other(package: ModuleType) -> None:
    rows, notes = records(package, b"[" * 100_000 + b"\n" + GOOD, ".jsonl")
    assert rows == [ROW]
    assert len(notes) == 1


def test_the_cut_off_line_of_another_table_is_said_too(package: ModuleType) -> None:
    rows, notes = records(package, GOOD + GOOD[:-9], ".jsonl", "points")
    assert rows == []
    assert notes == [f"ends in the middle of line 2, at byte {len(GOOD)}"]
