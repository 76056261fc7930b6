# SPDX-License-Identifier: Apache-2.0
"""ProfileMate's files about CUDA graphs."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ..figures import NS_IN_MS, NS_IN_S
from .csv_file import Cell, CsvFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..session import Session


def _captures(session: Session) -> Iterator[tuple[Cell, ...]]:
    """Give one row for each capture of each worker, in the order of time.

    `num_reqs` is empty where the descriptor leaves the number of requests open.
    """
    for row in session.rows("graph_captures"):
        descriptor = (row.mode, row.tokens, row.requests, row.uniform, row.lora)
        yield (*descriptor, row.duration_ns / NS_IN_S)


def _usage(session: Session) -> Iterator[tuple[Cell, ...]]:
    """Give one row for each descriptor: its replays in the whole session, all workers together."""
    replays: Counter[tuple[Cell, ...]] = Counter()
    for row in session.rows("graph_replays"):
        replays[row.mode, row.tokens, row.requests, row.uniform, row.lora] += row.replays
    for descriptor in sorted(replays, key=repr):
        yield (*descriptor, replays[descriptor])


def _timeline(session: Session) -> Iterator[tuple[Cell, ...]]:
    """Give one row for each replay that was timed.

    `timestamp_sec` is when the host started it; `duration_ms` is the device's time, from events
    that are read later, and empty where the platform has none.
    """
    for row in session.rows("graph_timeline"):
        duration = None if row.duration_ns is None else row.duration_ns / NS_IN_MS
        yield (session.seconds(row.time_ns), row.descriptor, duration)


FILES = (
    CsvFile(
        name="cuda_graph_captures.csv",
        columns="runtime_mode,num_tokens,num_reqs,uniform,has_lora,capture_time_sec",
        tables=("graph_captures",),
        rows=_captures,
    ),
    CsvFile(
        name="cuda_graph_usage.csv",
        columns="runtime_mode,num_tokens,num_reqs,uniform,has_lora,replay_count",
        tables=("graph_replays",),
        rows=_usage,
    ),
    CsvFile(
        name="cuda_graph_timeline.csv",
        columns="timestamp_sec,descriptor,duration_ms",
        tables=("graph_timeline",),
        rows=_timeline,
    ),
)
