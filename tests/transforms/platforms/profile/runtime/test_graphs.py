"""Captures and replays of CUDA graphs are recorded, whatever vLLM describes them by."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.transforms.platforms.profile.devices import Device, work_on
from tests.transforms.platforms.profile.loaded import load, switched_on
from tests.transforms.platforms.profile.recorded import Recorded

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class Mode(Enum):
    """As vLLM's `CUDAGraphMode`."""

    NONE = 0
    PIECEWISE = 1
    FULL = 2


class TupleDescriptor(NamedTuple):
    """As `BatchDescriptor` of 0.14."""

    num_tokens: int
    num_reqs: int | None = None
    uniform: bool = False
    has_lora: bool = False


@dataclass(frozen=True)
class ClassDescriptor:
    """As `BatchDescriptor` of 0.16 on."""

    num_tokens: int
    num_reqs: int | None = None
    uniform: bool = False
    has_lora: bool = False
    num_active_loras: int = 0


@dataclass(frozen=True)
class ExecutionDescriptor:
    """As `BatchExecutionDescriptor`, of model runner V2 from 0.18 on."""

    cg_mode: Mode
    num_tokens: int
    num_reqs: int | None
    uniform_token_count: int | None = None
    num_active_loras: int = 0


class Graphs:
    """The module under test, with its rows kept and its device moved by a test."""

    def __init__(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.device = Device()
        work_on(self.device, monkeypatch)
        self.package = load(switched_on(tmp_path, log_interval="10"))
        self.recorded = Recorded(self.package, monkeypatch)
        self.recording = self.package.recording
        self.module = self.package.graphs

    def replay(self, mode: Mode, descriptor: object, milliseconds: float = 1) -> None:
        """Replay a graph as a patched function does."""
        replay = self.module.replaying(mode, descriptor)
        self.device.works(milliseconds)
        if replay is not None:
            self.module.replayed(replay)

    def read(self) -> None:
        """Let the device do all, and read what it did."""
        self.device.catches_up()
        sys.modules[f"{self.package.__name__}.device"].poll()

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Give the rows of a table, with those that a flush adds."""
        self.recording.flush()
        return self.recorded.rows(table)


@pytest.fixture
def graphs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Graphs:
    """Give the module, on a device that has done nothing yet."""
    return Graphs(tmp_path, monkeypatch)


def _described(row: dict[str, Any]) -> tuple[object, ...]:
    return tuple(row[name] for name in ("mode", "tokens", "requests", "uniform", "lora"))


DESCRIPTORS = [
    (Mode.FULL, 16, ("FULL", 16, None, False, False)),
    (Mode.PIECEWISE, TupleDescriptor(8), ("PIECEWISE", 8, None, False, False)),
    (Mode.FULL, TupleDescriptor(8, 4, uniform=True), ("FULL", 8, 4, True, False)),
    (Mode.FULL, TupleDescriptor(8, 8, has_lora=True), ("FULL", 8, 8, False, True)),
    (
        Mode.FULL,
        ClassDescriptor(8, 8, uniform=True, has_lora=True, num_active_loras=2),
        ("FULL", 8, 8, True, True),
    ),
    (Mode.FULL, ExecutionDescriptor(Mode.FULL, 8, 4, 2), ("FULL", 8, 4, True, False)),
    (
        Mode.FULL,
        ExecutionDescriptor(Mode.FULL, 32, 4, None, 1),
        ("FULL", 32, 4, False, True),
    ),
]


@pytest.mark.parametrize(("mode", "descriptor", "expected"), DESCRIPTORS)
def test_every_release_s_description_is_understood(
    graphs: Graphs, mode: Mode, descriptor: object, expected: tuple[object, ...]
) -> None:
    graphs.module.captured(mode, descriptor, graphs.recording.clock() - 1_000)
    graphs.replay(mode, descriptor)
    (capture,) = graphs.rows("graph_captures")
    (replays,) = graphs.rows("graph_replays")
    assert _described(capture) == _described(replays) == expected
    assert capture["duration_ns"] >= 1_000
    assert replays["replays"] == 1
    assert graphs.recorded.points == ["graphs.captured", "graphs.replayed"]


def test_each_full_replay_is_timed_on_the_device(graphs: Graphs) -> None:
    graphs.recording.step = 3
    graphs.replay(Mode.FULL, TupleDescriptor(8, 8, uniform=True), 5)
    graphs.recording.step = 4
    graphs.replay(Mode.FULL, TupleDescriptor(16, 16), 7)
    assert graphs.rows("graph_timeline") == []
    graphs.read()
    assert [
        (row["step"], row["descriptor"], row["duration_ns"])
        for row in graphs.rows("graph_timeline")
    ] == [
        (3, "FULL tokens=8 requests=8 uniform", 5_000_000),
        (4, "FULL tokens=16 requests=16", 7_000_000),
    ]


def test_pieces_are_timed_in_one_step_of_many(graphs: Graphs) -> None:
    for step in range(25):
        graphs.recording.step = step
        for _ in range(3):
            graphs.replay(Mode.PIECEWISE, TupleDescriptor(64), 2)
        graphs.read()
    timeline = graphs.rows("graph_timeline")
    assert [row["step"] for row in timeline] == [0, 0, 0, 10, 10, 10, 20, 20, 20]
    assert {row["descriptor"] for row in timeline} == {"PIECEWISE tokens=64"}
    assert sum(row["replays"] for row in graphs.rows("graph_replays")) == 75


def test_a_replay_without_a_device_time_is_still_in_the_timeline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    graphs = Graphs(tmp_path, monkeypatch)
    work_on(None, monkeypatch)
    graphs.replay(Mode.FULL, 4)
    (row,) = graphs.rows("graph_timeline")
    assert row["duration_ns"] is None


@settings(
    max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    st.lists(
        st.one_of(
            st.sampled_from([(mode, descriptor) for mode, descriptor, _ in DESCRIPTORS]),
            st.just("flush"),
        )
    )
)
def test_rows_add_up_to_the_replays(tmp_path: Path, doings: Iterable[Any]) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        graphs = Graphs(tmp_path, monkeypatch)
        expected: Counter[tuple[object, ...]] = Counter()
        for doing in doings:
            if doing == "flush":
                graphs.recording.flush()
                continue
            graphs.replay(*doing)
            expected[next(what for mode, which, what in DESCRIPTORS if (mode, which) == doing)] += 1
        found: Counter[tuple[object, ...]] = Counter()
        for row in graphs.rows("graph_replays"):
            assert row["replays"] > 0
            found[_described(row)] += row["replays"]
        assert found == expected


def test_a_fork_leaves_the_counts_to_its_parent(graphs: Graphs) -> None:
    for _ in range(3):
        graphs.replay(Mode.FULL, 4)
    assert [row["replays"] for row in graphs.rows("graph_replays")] == [3]
    graphs.replay(Mode.FULL, 4)
    graphs.module._forget()
    graphs.replay(Mode.FULL, 4)
    assert [row["replays"] for row in graphs.rows("graph_replays")] == [3, 1]
