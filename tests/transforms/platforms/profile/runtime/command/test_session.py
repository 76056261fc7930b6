"""A session is read whole: all rows in order of time, and what is wrong with it is said."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.transforms.platforms.profile.runtime.command import sessions
from tests.transforms.platforms.profile.runtime.command.commands import opened, package
from tests.transforms.platforms.profile.runtime.command.sample import MS, sample
from tests.transforms.platforms.profile.runtime.command.sessions import STARTED_NS, Recorded, row

if TYPE_CHECKING:
    from pathlib import Path

TABLES = package("tables").TABLES


def values(session: Any, table: str) -> list[tuple[object, ...]]:  # noqa: ANN401
    return [tuple(one)[:-1] for one in session.rows(table)]


def test_rows_of_all_processes_come_in_order_of_time(
    folder: Path, rows: dict[str, list[dict[str, Any]]]
) -> None:
    session = opened(folder)
    for table, columns in TABLES.items():
        expected = [[one[column.name] for column in columns] for one in rows[table]]
        found = [list(one) for one in values(session, table)]
        assert [one[0] for one in found] == [one[0] for one in expected]
        assert sorted(found, key=repr) == sorted(expected, key=repr)


def test_each_row_knows_its_process(folder: Path, rows: dict[str, list[dict[str, Any]]]) -> None:
    session = opened(folder)
    found = [session.processes[one.process].stream.stem for one in session.rows("forward")]
    assert found == [one["stream"] for one in rows["forward"]]


def test_arrow_and_json_lines_read_the_same(folder: Path, tmp_path: Path) -> None:
    arrow = sessions.write(tmp_path, sample(), arrow=True)
    assert {path.suffix for path in arrow.iterdir()} == {".json", ".arrow"}
    one, other = opened(folder), opened(arrow)
    for table in TABLES.keys() - {"process", "points"}:
        assert values(one, table) == values(other, table), table


def test_processes_come_by_their_roles_and_ranks(folder: Path) -> None:
    labels = [process.label for process in opened(folder).processes]
    assert labels == ["main", "engine_core", "worker 0", "worker 1"]


def test_times_are_seconds_since_the_session_began(folder: Path) -> None:
    session = opened(folder)
    assert session.started_ns == STARTED_NS
    assert session.seconds(STARTED_NS + 1500 * MS) == 1.5
    # What the recorder says of itself is of today, and no part of the session's time.
    assert 5 < session.length < 8


def test_a_cut_off_stream_is_read_up_to_the_cut(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / folder.name
    shutil.copytree(folder, copy)
    stream = next(copy.glob("worker-1-*"))
    lines = stream.read_bytes().splitlines(keepends=True)
    stream.write_bytes(b"".join(lines[:-3]) + lines[-3][:20])
    session = opened(copy)
    assert sum(session.processes[3].rows.values()) == len(lines) - 3
    assert len(session.notes) == 1
    assert stream.name in session.notes[0]


def test_what_the_recorder_lost_is_noted(tmp_path: Path) -> None:
    lost = [(STARTED_NS, "operations", 7), (STARTED_NS, "trouble: experts.selected", 2)]
    folder = sessions.write(tmp_path, [Recorded(rows={"losses": [*lost, lost[0]]})])
    assert opened(folder).notes == [
        "14 rows of operations lost",
        "trouble: experts.selected, 2 times",
    ]


def test_a_session_without_streams_says_so(tmp_path: Path) -> None:
    folder = tmp_path / sessions.NAME
    folder.mkdir()
    session = opened(folder)
    assert session.processes == ()
    assert "no process has recorded anything" in session.notes
    assert session.length == 0


def test_metadata_that_is_broken_is_unreadable(tmp_path: Path) -> None:
    folder = tmp_path / sessions.NAME
    folder.mkdir()
    (folder / "metadata.json").write_text("{", encoding="utf-8")
    with pytest.raises(package("command.failure").UnreadableError, match="metadata"):
        opened(folder)


def step(number: int) -> tuple[Any, ...]:
    zero = dict.fromkeys(
        [column.name for column in TABLES["steps"] if column.kind == "int"], number
    )
    return row("steps", **{**zero, "phase": "decode", "time_ns": STARTED_NS})


def forward(number: int) -> tuple[Any, ...]:
    zero = dict.fromkeys([column.name for column in TABLES["forward"]], number)
    return row("forward", **{**zero, "phase": "decode", "time_ns": STARTED_NS, "device_ns": None})


def test_two_engines_steps_join_their_own_workers(tmp_path: Path) -> None:
    """Data parallel: both count their steps from 0, and each starts its workers."""
    engines = [
        Recorded(
            role="engine_core",
            rank=rank,
            rows={"steps": [step(number) for number in range(3)]},
            children=[
                Recorded(
                    role="worker",
                    rank=rank,
                    rows={"forward": [forward(number) for number in range(2 + rank)]},
                )
            ],
        )
        for rank in range(2)
    ]
    session = opened(sessions.write(tmp_path, engines))
    assert session.engines() == [0, 1, 0, 1]
    joined = package("command.forward").joined_steps(session)
    pairs = sorted((one.step.process, one.step.step, len(one.passes)) for one in joined)
    assert pairs == [(0, 0, 1), (0, 1, 1), (1, 0, 1), (1, 1, 1), (1, 2, 1)]


def test_workers_that_another_process_started_belong_to_the_only_engine(tmp_path: Path) -> None:
    """Ray starts workers, which are no children of EngineCore."""
    core = Recorded(role="engine_core", rows={"steps": [step(0)]})
    worker = Recorded(role="worker", rank=0, rows={"forward": [forward(0)]})
    session = opened(sessions.write(tmp_path, [core, worker]))
    assert session.engines() == [0, 0]


def test_workers_of_several_engines_are_told_by_their_data_parallel_rank(tmp_path: Path) -> None:
    """Ray again, with two engines that both count their steps from 0."""
    cores = [
        Recorded(role="engine_core", dp_rank=rank, rows={"steps": [step(0)]}) for rank in range(2)
    ]
    workers = [
        Recorded(role="worker", rank=0, dp_rank=rank, rows={"forward": [forward(0)]})
        for rank in (1, 0)
    ]
    session = opened(sessions.write(tmp_path, [*cores, *workers]))
    labels = [process.label for process in session.processes]
    assert labels == ["engine_core dp0", "engine_core dp1", "worker dp0 0", "worker dp1 0"]
    assert session.engines() == [0, 1, 0, 1]


def test_one_process_is_its_own_engine(tmp_path: Path) -> None:
    both = Recorded(rows={"steps": [step(0)], "forward": [forward(0)]})
    session = opened(sessions.write(tmp_path, [both]))
    assert [len(one.passes) for one in package("command.forward").joined_steps(session)] == [1]
