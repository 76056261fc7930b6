"""Rows are written soon, once, under the right name; what cannot be written is said and counted."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from tests.transforms.platforms.profile.loaded import load
from tests.transforms.platforms.profile.runtime.samples import (
    flush_threads,
    only_session,
    part,
    read_table,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import ModuleType

EVICTION = (1, 2, 3, 4, 5)


def test_a_row_is_written_by_the_thread(
    recorder: Callable[..., ModuleType], tmp_path: Path
) -> None:
    package = recorder()
    written = threading.Event()
    output = part(package, "output").Output
    write = output.write

    def tell(self: object, batches: object) -> None:
        write(self, batches)
        written.set()

    output.write = tell
    package.recording.record("evictions", EVICTION)
    assert flush_threads() == ["wheelwright_profile"]
    assert written.wait(20)
    (row,) = read_table(package, tmp_path, "evictions")
    assert tuple(row.values()) == EVICTION
    package.recording.finish()
    assert flush_threads() == []


def test_the_thread_writes_soon_where_it_is_asked_to(
    recorder: Callable[..., ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = recorder()
    monkeypatch.setattr(part(package, "flushing"), "FLUSH_SECONDS", 1000.0)
    flushed = threading.Event()
    package.recording.on_flush(flushed.set)
    package.recording.record("evictions", EVICTION)
    assert not flushed.wait(0.1)
    package.recording.flush_soon()
    assert flushed.wait(20)
    package.recording.finish()
    assert len(read_table(package, tmp_path, "evictions")) == 1


def test_flush_writes_before_it_returns(
    recorder: Callable[..., ModuleType], tmp_path: Path
) -> None:
    package = recorder()
    for number in range(3):
        package.recording.record("evictions", (number, 2, 3, 4, 5))
        package.recording.flush()
        times = [row["time_ns"] for row in read_table(package, tmp_path, "evictions")]
        assert times == list(range(number + 1))


def test_counters_are_asked_before_each_flush(
    recorder: Callable[..., ModuleType], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    package = recorder()
    recording = package.recording
    asked = 0

    def emit() -> None:
        nonlocal asked
        asked += 1
        recording.flush()  # is one already
        recording.record("evictions", (asked, 2, 3, 4, 5))

    def fail() -> None:
        raise ValueError("no")

    recording.on_flush(fail)
    recording.on_flush(emit)
    recording.flush()
    recording.flush()
    assert [row["time_ns"] for row in read_table(package, tmp_path, "evictions")][:2] == [1, 2]
    recording.finish()
    recording.finish()
    assert flush_threads() == []
    assert (
        len([record for record in caplog.records if "fail: ValueError: no" in record.message]) == 1
    )


def test_the_first_role_wins_and_rows_that_wait_are_of_it(
    recorder: Callable[..., ModuleType], tmp_path: Path
) -> None:
    package = recorder()
    package.recording.record("evictions", EVICTION)
    package.recording.set_process("worker", 2)
    package.recording.set_process("engine_core")
    package.recording.finish()
    (stream,) = part(package, "reading").read_session(tmp_path).streams
    assert (stream.role, stream.rank) == ("worker", 2)
    assert stream.path.name.startswith("worker-2-")
    assert (stream.process["role"], stream.process["rank"]) == ("worker", 2)


def test_a_role_that_comes_late_begins_a_stream_of_its_own(
    recorder: Callable[..., ModuleType], tmp_path: Path
) -> None:
    package = recorder()
    package.recording.record("evictions", EVICTION)
    package.recording.flush()
    package.recording.set_process("engine_core")
    package.recording.record("evictions", EVICTION)
    package.recording.finish()
    streams = part(package, "reading").read_session(tmp_path).streams
    assert [stream.role for stream in streams] == ["engine_core", "main"]
    assert all(len(list(stream.rows("evictions"))) == 1 for stream in streams)


def test_recording_goes_on_after_an_end(
    recorder: Callable[..., ModuleType], tmp_path: Path
) -> None:
    package = recorder()
    for _ in range(3):
        package.recording.record("evictions", EVICTION)
        package.recording.finish()
        package.recording.finish()
    assert len(read_table(package, tmp_path, "evictions")) == 3
    assert len(list(only_session(tmp_path).glob("main-*"))) == 1


def test_a_folder_that_cannot_be_written_is_said_once_and_its_rows_are_counted(
    recorder: Callable[..., ModuleType],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    package = recorder()
    output = part(package, "output")
    monkeypatch.setattr(part(package, "flushing"), "FLUSH_SECONDS", 1000.0)
    clock = 1000.0
    monkeypatch.setattr(output.time, "monotonic", lambda: clock)
    folder = part(package, "settings").SETTINGS.folder
    folder.write_text("a file is in the way")
    for _ in range(5):
        package.recording.fired("a")
        package.recording.record("evictions", EVICTION)
        package.recording.flush()
    (record,) = caplog.records
    assert f"cannot write to {folder}: FileExistsError" in record.getMessage()
    folder.unlink()
    package.recording.flush()
    assert not folder.exists()
    clock += output.RETRY_SECONDS
    package.recording.record("evictions", EVICTION)
    package.recording.flush()
    assert len(read_table(package, tmp_path, "evictions")) == 1
    assert [row["fired"] for row in read_table(package, tmp_path, "points")] == [5]
    losses = {row["lost"]: row["rows"] for row in read_table(package, tmp_path, "losses")}
    assert losses == {"evictions": 5, f"trouble: cannot write to {folder}": 1}


def test_what_the_engines_own_signal_handler_ends_in_mid_write_is_written_at_the_end(
    recorder: Callable[..., ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = recorder()
    monkeypatch.setattr(part(package, "flushing"), "FLUSH_SECONDS", 1000.0)
    streams = part(package, "streams")
    package.recording.record("evictions", EVICTION)
    package.recording.flush()
    write = streams.os.pwrite

    def interrupted(fd: int, data: bytes, at: int) -> int:
        write(fd, data[:10], at)
        raise SystemExit

    for _ in range(2):
        package.recording.record("evictions", EVICTION)
        with monkeypatch.context() as patched:
            patched.setattr(streams.os, "pwrite", interrupted)
            with pytest.raises(SystemExit):
                package.recording.flush()
    package.recording.finish()
    assert len(read_table(package, tmp_path, "evictions")) == 3


def test_what_ends_behind_the_write_is_not_written_twice(
    recorder: Callable[..., ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = recorder()
    monkeypatch.setattr(part(package, "flushing"), "FLUSH_SECONDS", 1000.0)
    output = part(package, "output").Output
    write = output.write

    def interrupted(self: object, batches: object) -> None:
        write(self, batches)
        raise SystemExit

    package.recording.record("evictions", EVICTION)
    with monkeypatch.context() as patched:
        patched.setattr(output, "write", interrupted)
        with pytest.raises(SystemExit):
            package.recording.flush()
    package.recording.finish()
    assert len(read_table(package, tmp_path, "evictions")) == 1


def test_a_thread_that_cannot_begin_is_said_and_the_end_writes(
    recorder: Callable[..., ModuleType],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(_: object) -> None:
        raise RuntimeError("can't start new thread")

    package = recorder()
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", fail)
        for _ in range(3):
            package.recording.record("evictions", EVICTION)
    assert len(caplog.records) == 1
    assert "can't start new thread" in caplog.text
    package.recording.finish()
    assert len(read_table(package, tmp_path, "evictions")) == 3


def test_a_flush_that_fails_is_said_and_the_thread_goes_on(
    recorder: Callable[..., ModuleType], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    package = recorder()
    buffer = part(package, "buffer").Buffer
    take, failed = buffer.take, threading.Event()

    def fail(_: object) -> None:
        buffer.take = take
        failed.set()
        raise MemoryError

    buffer.take = fail
    package.recording.record("evictions", EVICTION)
    assert failed.wait(20)
    assert flush_threads() == ["wheelwright_profile"]
    package.recording.finish()
    assert "a flush: MemoryError" in caplog.text
    assert len(read_table(package, tmp_path, "evictions")) == 1


def test_the_thread_flushes_every_half_second() -> None:
    assert part(load({}), "flushing").FLUSH_SECONDS == 0.5
