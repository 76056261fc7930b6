"""Parquet has every table, as pyarrow reads it back."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from tests.transforms.platforms.profile.runtime.command import sessions
from tests.transforms.platforms.profile.runtime.command.commands import package, run, run_good
from tests.transforms.platforms.profile.runtime.command.sessions import (
    NAME,
    STARTED_NS,
    Recorded,
    row,
)

if TYPE_CHECKING:
    from pathlib import Path

TABLES = package("tables").TABLES
KINDS = {
    "int": pa.int64(),
    "float": pa.float64(),
    "str": pa.string(),
    "bool": pa.bool_(),
    "ints": pa.list_(pa.int64()),
    "floats": pa.list_(pa.float64()),
}


@pytest.fixture(scope="module")
def exported(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("parquet")
    run_good("profile", folder, "export", "--parquet", target)
    return target


@pytest.mark.parametrize("table", TABLES)
def test_a_table_reads_back_as_it_was_recorded(
    exported: Path, rows: dict[str, list[dict[str, Any]]], table: str
) -> None:
    found = parquet.read_table(exported / f"{table}.parquet")
    for column in TABLES[table]:
        assert found.schema.field(column.name).type == KINDS[column.kind]
    names = [column.name for column in TABLES[table]]
    own = found.select(names).to_pylist()
    expected = [{name: one[name] for name in names} for one in rows[table]]
    assert sorted(own, key=repr) == sorted(expected, key=repr)
    assert [one["time_ns"] for one in own] == [one["time_ns"] for one in expected]


def test_every_row_says_who_wrote_it(exported: Path, rows: dict[str, list[dict[str, Any]]]) -> None:
    found = parquet.read_table(exported / "operations.parquet").to_pylist()
    written = [(one["time_ns"], stream(one)) for one in found]
    assert sorted(written) == sorted((one["time_ns"], one["stream"]) for one in rows["operations"])


def stream(row: dict[str, Any]) -> str:
    """Give the name of the stream that a row's process must have written."""
    parts = (row["role"], row["rank"], row["pid"])
    return "-".join(str(part) for part in parts if part is not None)


def test_a_forward_pass_keeps_its_own_rank(tmp_path: Path) -> None:
    """With everything in one process, the process has none."""
    names = [column.name for column in TABLES["forward"]]
    values = {**dict.fromkeys(names, 3), "phase": "decode"}
    recorded = Recorded(rows={"forward": [row("forward", **values)]})
    folder = sessions.write(tmp_path, [recorded])
    run_good("profile", folder, "export", "--parquet", tmp_path / "out")
    found = parquet.read_table(tmp_path / "out" / "forward.parquet")
    assert found.column_names.count("rank") == 1
    assert found.column("rank").to_pylist() == [3]


def test_the_session_is_in_the_metadata(exported: Path) -> None:
    metadata = parquet.read_schema(exported / "steps.parquet").metadata
    assert metadata[b"session"] == NAME.encode()
    assert int(metadata[b"started_ns"]) == STARTED_NS


def test_empty_tables_keep_their_types(empty_folder: Path, tmp_path: Path) -> None:
    run_good("profile", empty_folder, "export", "--parquet", tmp_path)
    found = parquet.read_table(tmp_path / "routing.parquet")
    assert found.num_rows == 0
    assert found.schema.field("weights").type == pa.list_(pa.float64())


def test_without_pyarrow_it_says_how_to_get_it(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    done = run("profile", folder, "export", "--parquet", tmp_path / "a")
    assert done.code == 2
    assert "pip install pyarrow" in done.err
    assert not (tmp_path / "a").exists()
