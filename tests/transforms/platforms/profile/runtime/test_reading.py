"""Any session can be read, in whatever state it was left; what is not whole is said."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transforms.platforms.profile.loaded import load
from tests.transforms.platforms.profile.runtime.samples import (
    SESSION,
    as_read,
    batches,
    encoder,
    part,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PACKAGE = load({})
READING = part(PACKAGE, "reading")
WHOLE = {"schema": 1, "session": SESSION, "started_ns": 7}
STEP = ("evictions", [(1, 2, 3, 4, 5)])


def _process(role: str, rank: int | None = None, pid: int = 1) -> tuple[str, list[Any]]:
    return "process", [(9, role, rank, None, "host", pid, 0, "vllm", "3.12.1", "0.33.0", "2.13.0")]


def _data(suffix: str, *written: tuple[str, list[Any]]) -> bytes:
    return b"".join(encoder(PACKAGE, suffix).encode(table, rows) for table, rows in written)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / SESSION
    path.mkdir()
    (path / "metadata.json").write_text(json.dumps(WHOLE))
    return path


def test_processes_and_formats_are_read_together(folder: Path) -> None:
    (folder / "worker-1-12.jsonl").write_bytes(_data(".jsonl", _process("worker", 1, 12), STEP))
    (folder / "engine_core-11.arrow").write_bytes(
        _data(".arrow", _process("engine_core", None, 11), STEP, STEP)
    )
    (folder / "main-10.2.arrow").write_bytes(_data(".arrow", _process("main", None, 10)))
    (folder / "notes.txt").write_text("somebody's own")
    session = READING.read_session(folder)
    assert (session.folder, session.name, session.started_ns) == (folder, SESSION, 7)
    assert session.metadata == WHOLE
    found = [(stream.role, stream.rank, stream.pid) for stream in session.streams]
    assert found == [("engine_core", None, 11), ("main", None, 10), ("worker", 1, 12)]
    assert [stream.process["pid"] for stream in session.streams] == [11, 10, 12]
    assert (
        list(session.rows("evictions"))
        == [{"time_ns": 1, "step": 2, "block": 3, "lifetime_ns": 4, "idle_ns": 5}] * 3
    )
    assert [table for table, _ in session.streams[0].records()] == [
        "process",
        "evictions",
        "evictions",
    ]
    assert list(session.rows("steps")) == []
    assert session.notes == []


def test_a_table_that_is_none_is_refused_before_anything_is_read(folder: Path) -> None:
    with pytest.raises(ValueError, match="no table 'step'"):
        READING.read_session(folder).rows("step")


@pytest.mark.parametrize("suffix", [".arrow", ".jsonl"])
def test_what_is_cut_off_is_said_with_its_stream(folder: Path, suffix: str) -> None:
    whole = _data(suffix, _process("worker", 0, 12), STEP)
    (folder / f"worker-0-12{suffix}").write_bytes(whole + _data(suffix, STEP)[:-5])
    session = READING.read_session(folder)
    assert session.notes == []  # no row was asked for
    assert len(list(session.rows("evictions"))) >= 1
    assert list(session.rows("evictions"))
    (note,) = session.notes
    assert note.startswith(f"worker-0-12{suffix}: ends in the middle of ")


@pytest.mark.parametrize("suffix", [".arrow", ".jsonl"])
def test_a_stream_of_a_process_that_was_killed_at_once_is_said(folder: Path, suffix: str) -> None:
    (folder / f"worker-3-12{suffix}").write_bytes(b"")
    session = READING.read_session(folder)
    (stream,) = session.streams
    assert (stream.role, stream.rank, stream.pid, stream.process) == ("worker", 3, 12, {})
    assert session.notes == [f"worker-3-12{suffix}: does not say whose it is"]


def test_damage_without_end_is_counted_not_listed(folder: Path) -> None:
    data = _data(".jsonl", _process("main")) + b"?\n" * 1000 + _data(".jsonl", STEP)
    (folder / "main-1.jsonl").write_bytes(data)
    session = READING.read_session(folder)
    assert len(list(session.rows("evictions"))) == 1
    assert len(session.notes) == 21
    assert session.notes[-1] == "main-1.jsonl: and 980 more of the kind"


def test_an_empty_session_says_so(folder: Path) -> None:
    session = READING.read_session(folder)
    assert session.streams == ()
    assert session.notes == ["no process has recorded anything"]


def test_a_session_without_metadata_is_read_by_its_name(folder: Path) -> None:
    (folder / "metadata.json").unlink()
    (folder / "main-1.jsonl").write_bytes(_data(".jsonl", _process("main"), STEP))
    session = READING.read_session(folder)
    assert (session.name, session.started_ns) == (SESSION, 1_795_259_114_000_000_000)
    assert session.notes == ["metadata.json is missing"]


def test_a_renamed_session_is_one(folder: Path) -> None:
    mine = folder.rename(folder.parent / "before the change")
    assert READING.find_session(mine) == mine
    assert READING.read_session(mine).name == SESSION


@pytest.mark.parametrize(
    ("metadata", "why"),
    [
        ('{"schema": 2, "vllm": "0.40.0", "wheel": ""}', r"schema 2, and this reads 1.*vLLM 0\.40"),
        ('{"session": "x"}', "schema None, and this reads 1"),
        ("[1]", "is no session's metadata"),
        ('{"schema": ', "cannot be read: Expecting value"),
        ("\udcff", "cannot be read"),
    ],
)
def test_a_session_of_another_kind_is_refused(folder: Path, metadata: str, why: str) -> None:
    (folder / "metadata.json").write_bytes(metadata.encode("utf-8", "surrogateescape"))
    with pytest.raises(READING.SessionError, match=why):
        READING.read_session(folder)


def test_arrow_without_pyarrow_is_refused_with_what_to_do(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "main-1.arrow").write_bytes(_data(".arrow", _process("main")))
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(READING.SessionError, match="install pyarrow"):
        READING.read_session(folder)


def test_the_newest_session_of_a_folder_is_found(folder: Path) -> None:
    parent = folder.parent
    newest = parent / SESSION.replace("1105", "1106")
    newest.mkdir()
    (parent / "session_notes").mkdir()
    (parent / "zzz").write_text("a file")
    os.utime(folder)
    assert READING.find_session(parent) == newest
    assert READING.find_session(str(folder)) == folder


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda path: path.mkdir(), "no session in .*VLLM_ENABLE_PROFILING=1"),
        (lambda path: path.write_text(""), "cannot be read: .*Not a directory"),
        (lambda _: None, "cannot be read: .*No such file"),
    ],
)
def test_where_no_session_is_the_next_step_is_said(
    tmp_path: Path, make: Callable[[Path], None], why: str
) -> None:
    make(tmp_path / "here")
    with pytest.raises(READING.SessionError, match=why):
        READING.read_session(tmp_path / "here")


def test_a_relative_folder_is_found(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert READING.read_session(".").folder == folder


def test_a_stream_that_cannot_be_read_is_said(folder: Path) -> None:
    (folder / "main-1.jsonl").mkdir()
    session = READING.read_session(folder)
    assert list(session.rows("steps")) == []
    assert "main-1.jsonl: cannot be read: [Errno 21] Is a directory" in session.notes[0]


@given(st.lists(st.tuples(st.sampled_from([".arrow", ".jsonl"]), batches(PACKAGE)), max_size=3))
@settings(deadline=None, max_examples=30)
def test_what_processes_wrote_is_what_is_read(
    tmp_path_factory: pytest.TempPathFactory, streams: list[tuple[str, Any]]
) -> None:
    folder = tmp_path_factory.mktemp("sessions") / SESSION
    folder.mkdir()
    (folder / "metadata.json").write_text(json.dumps(WHOLE))
    every = []
    for rank, (suffix, written) in enumerate(streams):
        all_of_it = [_process("worker", rank, 1), *written]
        (folder / f"worker-{rank}-1{suffix}").write_bytes(_data(suffix, *all_of_it))
        every += as_read(PACKAGE, all_of_it)
    session = READING.read_session(folder)
    for table in part(PACKAGE, "tables").TABLES:
        assert list(session.rows(table)) == [row for name, row in every if name == table]
