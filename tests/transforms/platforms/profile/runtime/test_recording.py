"""What points call: cheap, bounded, and nothing that goes wrong reaches the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.transforms.platforms.profile.loaded import load
from tests.transforms.platforms.profile.runtime.samples import (
    flush_threads,
    part,
    read_table,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import ModuleType

EVICTION = (1, 2, 3, 4, 5)


def test_off_there_is_nothing_but_a_false_attribute(tmp_path: Path) -> None:
    package = load({"VLLM_PROFILING_DIR": str(tmp_path)})
    assert package.on is False
    assert not hasattr(package, "recording")
    assert flush_threads() == []
    assert list(tmp_path.iterdir()) == []


def test_on_an_import_makes_nothing(recorder: Callable[..., ModuleType], tmp_path: Path) -> None:
    assert recorder().on is True
    assert flush_threads() == []
    assert list(tmp_path.iterdir()) == []


def test_points_are_counted(recorder: Callable[..., ModuleType], tmp_path: Path) -> None:
    package = recorder()
    for _ in range(3):
        package.recording.fired("a")
    package.recording.flush()
    package.recording.fired("b")
    package.recording.fired("a")
    package.recording.finish()
    counts = [(row["point"], row["fired"]) for row in read_table(package, tmp_path, "points")]
    assert counts == [("a", 3), ("b", 1), ("a", 1)]


def test_too_many_rows_are_lost_and_counted_and_the_rest_is_written(
    recorder: Callable[..., ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = recorder()
    monkeypatch.setattr(part(package, "flushing"), "FLUSH_SECONDS", 1000.0)
    limit = part(package, "buffer").LIMIT
    assert limit == 65_536
    for number in range(limit + 10):
        package.recording.record("evictions", (number, 2, 3, 4, 5))
    for _ in range(limit + 5):
        package.recording.fired("a")
    package.recording.finish()
    assert len(read_table(package, tmp_path, "evictions")) == limit
    assert [row["fired"] for row in read_table(package, tmp_path, "points")] == [limit]
    losses = {row["lost"]: row["rows"] for row in read_table(package, tmp_path, "losses")}
    assert losses == {"evictions": 10, "points": 5}


def test_one_step_in_so_many_is_sampled_and_the_first(
    recorder: Callable[..., ModuleType],
) -> None:
    recording = recorder(log_interval="4").recording
    assert [step for step in range(-4, 13) if recording.sampled(step)] == [0, 4, 8, 12]
    assert not recording.sampled()  # before the first step
    recording.step = 8
    assert recording.sampled()
    recording.step = 9
    assert not recording.sampled()


def test_a_point_counts_and_gives_what_its_function_gives(
    recorder: Callable[..., ModuleType], tmp_path: Path
) -> None:
    package = recorder()

    @package.recording.point("some.point")  # type: ignore[untyped-decorator]
    def double(value: int, *, plus: int) -> int:
        """Say so."""
        return 2 * value + plus

    assert double(2, plus=1) == 5
    assert double.__doc__ == "Say so."
    package.recording.finish()
    (row,) = read_table(package, tmp_path, "points")
    assert (row["point"], row["fired"]) == ("some.point", 1)


def test_what_a_point_raises_is_said_once_and_counted(
    recorder: Callable[..., ModuleType], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    package = recorder()

    @package.recording.point("some.point")  # type: ignore[untyped-decorator]
    def fail() -> int:
        raise KeyError("gone")

    assert [fail() for _ in range(3)] == [None] * 3
    package.recording.finish()
    (record,) = caplog.records
    assert (record.name, record.levelname) == ("vllm.wheelwright_profile", "WARNING")
    assert record.getMessage() == (
        "profiling: some.point: KeyError: 'gone' (said once; the engine goes on)"
    )
    assert record.exc_info is None
    (row,) = read_table(package, tmp_path, "losses")
    assert (row["lost"], row["rows"]) == ("trouble: some.point", 3)


def test_a_traceback_is_logged_where_it_is_asked_for(
    recorder: Callable[..., ModuleType], caplog: pytest.LogCaptureFixture
) -> None:
    package = recorder(debug="1")

    @package.recording.point("some.point")  # type: ignore[untyped-decorator]
    def fail() -> None:
        raise KeyError("gone")

    fail()
    assert 'raise KeyError("gone")' in caplog.text


def test_what_ends_the_engine_is_let_through(recorder: Callable[..., ModuleType]) -> None:
    package = recorder()

    @package.recording.point("some.point")  # type: ignore[untyped-decorator]
    def end() -> None:
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        end()


def test_a_row_that_does_not_fit_is_said_and_counted_even_at_the_end(
    recorder: Callable[..., ModuleType], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    package = recorder()
    package.recording.record("evictions", (1, 2, 3, 4, "5"))
    package.recording.record("nowhere", ())
    package.recording.record("evictions", EVICTION)
    package.recording.finish()
    assert [tuple(row.values()) for row in read_table(package, tmp_path, "evictions")] == [EVICTION]
    losses = {row["lost"]: row["rows"] for row in read_table(package, tmp_path, "losses")}
    assert losses == {
        "evictions": 1,
        "nowhere": 1,
        "trouble: a row of evictions": 1,
        "trouble: a row of nowhere": 1,
    }
    assert "evictions.idle_ns is int, not '5'" in caplog.text
    assert "no table 'nowhere'" in caplog.text
