"""Arrow records come back as they were written; what is cut off or damaged is left out and said."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transforms.platforms.profile.loaded import load
from tests.transforms.platforms.profile.runtime.samples import (
    as_read,
    batches,
    encoder,
    part,
    records,
)

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

PACKAGE = load({})
WRITTEN: list[tuple[str, list[tuple[object, ...]]]] = [
    ("losses", [(1, "stéps", 2), (3, "", 4)]),
    ("routing", [(1, 2, 3, 4, [5], [0.5])]),
    # What looks like the begin of a record, inside of one.
    ("losses", [(-1, "\x10\x01\0\0", -1)]),
]


def _records(written: list[tuple[str, list[tuple[object, ...]]]]) -> list[bytes]:
    return [encoder(PACKAGE, ".arrow").encode(table, rows) for table, rows in written]


@pytest.fixture
def package() -> ModuleType:
    return PACKAGE


@given(batches(PACKAGE))
@settings(deadline=None)
def test_rows_come_back_as_they_were_written(
    written: list[tuple[str, list[tuple[object, ...]]]],
) -> None:
    data = b"".join(_records(written))
    assert records(PACKAGE, data, ".arrow") == (as_read(PACKAGE, written), [])


@given(batches(PACKAGE), st.sampled_from(["losses", "routing", "points"]))
@settings(deadline=None)
def test_one_table_is_read_alone(
    written: list[tuple[str, list[tuple[object, ...]]]], table: str
) -> None:
    mine = [item for item in as_read(PACKAGE, written) if item[0] == table]
    assert records(PACKAGE, b"".join(_records(written)), ".arrow", table) == (mine, [])


def test_cut_off_anywhere_it_gives_the_rows_before(package: ModuleType) -> None:
    parts = _records(WRITTEN)
    data = b"".join(parts)
    every = as_read(package, WRITTEN)
    ends = {0, *(sum(map(len, parts[:count])) for count in range(1, len(parts) + 1))}
    seen = set()
    for cut in range(len(data) + 1):
        rows, notes = records(package, data[:cut], ".arrow")
        assert rows == every[: len(rows)]
        seen.add(len(rows))
        assert bool(notes) is (cut not in ends), (cut, notes)
        assert all("ends in the middle of a record" in note for note in notes)
    assert seen == {0, 2, 3, 4}


def test_one_flipped_bit_anywhere_loses_one_record_at_most_and_is_said(
    package: ModuleType,
) -> None:
    parts = _records(WRITTEN)
    data = b"".join(parts)
    every = as_read(package, WRITTEN)
    of_record = [every[:2], every[2:3], every[3:]]
    starts = [sum(map(len, parts[:count])) for count in range(len(parts) + 1)]
    silent = 0
    for at in range(len(data)):
        flipped = bytearray(data)
        flipped[at] ^= 1 << (at % 8)
        rows, notes = records(package, bytes(flipped), ".arrow")
        struck = max(index for index, start in enumerate(starts) if start <= at)
        others = [row for index, those in enumerate(of_record) if index != struck for row in those]
        assert rows in (others, every), at
        if rows != every:
            assert notes, at
        silent += rows == every and not notes
    # Bytes that only fill up, and what the flatbuffers of a schema say besides, lose nothing.
    assert silent < len(data) // 3


def test_damage_of_a_piece_is_passed_over(package: ModuleType) -> None:
    parts = _records(WRITTEN)
    every = as_read(package, WRITTEN)
    middle = bytearray(parts[1])
    middle[:40] = bytes(40)
    rows, notes = records(package, parts[0] + middle + parts[2], ".arrow")
    assert rows == every[:2] + every[3:]
    first, last = len(parts[0]), len(parts[0]) + len(parts[1])
    (note,) = notes
    assert note.startswith(f"bytes {first} to {last} are damaged and left out")


def test_the_checksum_finds_what_the_format_does_not(package: ModuleType) -> None:
    parts = _records(WRITTEN)
    middle = parts[1].replace((5).to_bytes(8, "little"), (6).to_bytes(8, "little"))
    assert middle != parts[1]
    rows, notes = records(package, parts[0] + middle + parts[2], ".arrow")
    assert [row["layer"] for _, row in rows if "layer" in row] == []
    (note,) = notes
    assert note == (
        f"routing rows at byte {len(parts[0])} are damaged and left out: its checksum is another"
    )


@pytest.mark.parametrize("missing", [1, 8, 100])
def test_bytes_that_are_missing_in_the_middle_cost_one_record(
    package: ModuleType, missing: int
) -> None:
    parts = _records(WRITTEN)
    every = as_read(package, WRITTEN)
    data = parts[0] + parts[1][: -missing - 8] + parts[1][-8:] + parts[2]
    rows, notes = records(package, data, ".arrow")
    assert rows == every[:2] + every[3:]
    assert len(notes) == 1


def test_an_end_mark_that_is_missing_costs_nothing(package: ModuleType) -> None:
    parts = _records(WRITTEN)
    rows, _ = records(package, parts[0] + parts[1][:-8] + parts[2], ".arrow")
    assert rows == as_read(package, WRITTEN)


def test_a_record_behind_a_mebibyte_of_rubbish_is_found(
    package: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = _records(WRITTEN)
    monkeypatch.setattr(part(package, "arrow_records"), "_CHUNK", 64)
    rubbish = random.Random(5).randbytes(997)  # noqa: S311 - it must only be the same each time
    for length in range(900, 997):
        rows, notes = records(package, parts[0] + rubbish[:length] + parts[1], ".arrow")
        assert rows == as_read(package, WRITTEN[:2])
        assert len(notes) == 1


def test_what_another_table_would_be_is_no_record(package: ModuleType) -> None:
    losses = _records(WRITTEN)[0]
    rows, notes = records(package, losses.replace(b"losses", b"points"), ".arrow")
    assert rows == []
    assert "it is not as the table 'points' is" in notes[0]


def test_the_cut_off_record_of_another_table_is_said_too(package: ModuleType) -> None:
    losses = _records(WRITTEN)[0]
    for cut in range(1, len(losses)):
        rows, notes = records(package, losses[:cut], ".arrow", "points")
        assert rows == []
        assert len(notes) == 1


@pytest.mark.parametrize("length", ["-8", "0", str(2**40), str(2**62), "1e3", ""])
def test_a_length_that_cannot_be_costs_one_record(
    package: ModuleType, tmp_path: Path, length: str
) -> None:
    parts = _records(WRITTEN)
    every = as_read(package, WRITTEN)
    schema = pa.ipc.read_schema(pa.py_buffer(parts[1]))
    labels = {**schema.metadata, b"bytes": length.encode()}
    head = schema.with_metadata(labels).serialize().to_pybytes()
    body = parts[1][-int(schema.metadata[b"bytes"]) - 8 :]
    path = tmp_path / "main-1.arrow"
    path.write_bytes(parts[0] + head + body + parts[2])
    notes: list[str] = []
    with path.open("rb") as file:  # in memory, any length could be read
        rows = list(part(package, "arrow_records").arrow_records(file, None, notes.append))
    assert rows == every[:2] + every[3:]
    assert len(notes) == 1
