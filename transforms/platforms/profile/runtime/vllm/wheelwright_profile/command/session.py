# SPDX-License-Identifier: Apache-2.0
"""A recorded session as commands look at it: all processes' rows, in order of time."""

from __future__ import annotations

import os
from collections import Counter, namedtuple
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..points import POINTS
from ..reading import SessionError, read_session
from ..tables import TABLES
from .failure import UnreadableError
from .figures import NS_IN_S

if TYPE_CHECKING:
    from collections.abc import Collection

# A row of each table: its columns, and the number of the process that wrote it.
_ROWS: dict[str, Any] = {
    table: namedtuple(table, [*(column.name for column in columns), "process"])  # noqa: PYI024
    for table, columns in TABLES.items()
}
# What writes a table: the beginning of the points' names.
_WRITERS = {
    "steps": "scheduler.schedule",
    "requests": "requests.",
    "evictions": "block_pool.evicted",
    "operations": "operations.",
    "forward": "forward",
    "encoder": "encoder.",
    "experts": "experts.",
    "expert_pairs": "experts.",
    "routing": "experts.",
    "graph_captures": "graphs.captured",
    "graph_replays": "graphs.replayed",
    "graph_timeline": "graphs.replayed",
    # No table of its own: of the events that `requests` has.
    "preemptions": "requests.preempted",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A process that recorded: one stream.

    Attributes:
        number: its place in `Session.processes`; rows name it.
        role: `main`, `engine_core` or `worker`.
        rank: its rank among those of its role, if it has one.
        pid: its process id.
        parent_pid: its parent's.
        host: its host; empty where it was killed before it said so.
        began_ns: when it said who it is, in nanoseconds since 1970.
        dp_rank: the data-parallel rank of its engine, if there are several.
        stream: the file.
        rows: how many rows of each table were read.
    """

    number: int
    role: str
    rank: int | None
    pid: int
    parent_pid: int | None
    host: str
    began_ns: int
    dp_rank: int | None
    stream: Path
    rows: Counter[str] = field(default_factory=Counter)

    @property
    def label(self) -> str:
        """Give the role and the ranks, as in `worker 1` or `worker dp0 1`."""
        engine = "" if self.dp_rank is None else f" dp{self.dp_rank}"
        return f"{self.role}{engine}" + ("" if self.rank is None else f" {self.rank}")

    def document(self) -> dict[str, Any]:
        """Describe it for JSON."""
        return {
            "label": self.label,
            "role": self.role,
            "rank": self.rank,
            "dp_rank": self.dp_rank,
            "pid": self.pid,
            "host": self.host,
            "stream": self.stream.name,
            "bytes": self.stream.stat().st_size,
            "rows": dict(sorted(self.rows.items())),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session, read into memory: about 300 bytes a row.

    Attributes:
        folder: where it is.
        name: its name.
        started_ns: when it began, in nanoseconds since 1970: the second that its name says.
        metadata: what `metadata.json` holds; empty where there is none.
        processes: who recorded, the main process first, then by role and rank.
        tables: the rows of each table that was asked for.
        notes: what was cut off, damaged or lost.
    """

    folder: Path
    name: str
    started_ns: int
    metadata: dict[str, Any]
    processes: tuple[Process, ...]
    tables: dict[str, list[Any]]
    notes: list[str]

    def rows(self, table: str) -> list[Any]:
        """Give the rows of one table, of all processes, in the order of `time_ns`.

        Each has the table's columns as attributes, and `process`, a number.

        Raises:
            KeyError: the table was not asked for.
        """
        return self.tables[table]

    def seconds(self, time_ns: int) -> float:
        """Give a time in seconds since the session began."""
        return (time_ns - self.started_ns) / NS_IN_S

    @property
    def length(self) -> float:
        """From the beginning to the last thing that the engine did; in seconds."""
        about = {"process", "points", "losses"}
        last = [
            rows[-1].time_ns for table, rows in self.tables.items() if rows and table not in about
        ]
        return self.seconds(max(last)) if last else 0.0

    def engines(self) -> list[int | None]:
        """Give for each process its engine: the number of the process that scheduled.

        That is the process itself or its parent; where neither scheduled (Ray starts workers
        elsewhere), the only one of its data-parallel rank. None where that is not to be known.
        """
        engines = [process for process in self.processes if process.rows["steps"]]
        return [_engine(process, engines) for process in self.processes]

    def described(self) -> dict[str, Any]:
        """Give the metadata, and what was read."""
        about = [process.document() for process in self.processes]
        return {**self.metadata, "processes": about, "notes": self.notes}

    @staticmethod
    def why_empty(table: str) -> str:
        """Say why a table has no rows: when what writes it is normally silent, or when it fires."""
        points = [point for point in POINTS if point.name.startswith(_WRITERS[table])]
        silent = [point.silent_when for point in points if point.silent_when]
        fires = [f"written when {point.fires_when}" for point in points]
        return "; ".join(dict.fromkeys(silent or fires))


def open_session(folder: Path, tables: Collection[str]) -> Session:
    """Read a session.

    Args:
        folder: the session's own.
        tables: those that are needed; `losses` is read anyway.

    Raises:
        UnreadableError: it cannot be read.
    """
    try:
        read = read_session(os.fspath(folder))
    except SessionError as error:
        raise UnreadableError(f"{folder}: {error}") from error
    streams = sorted(read.streams, key=_order)
    processes = tuple(_process(number, stream) for number, stream in enumerate(streams))
    wanted = {*tables, "losses"}
    rows: dict[str, list[Any]] = {table: [] for table in wanted}
    strings: dict[str, str] = {}
    for process, stream in zip(processes, streams, strict=True):
        for table, row in stream.records():
            process.rows[table] += 1
            if table in wanted:
                # A text that comes again and again is kept once.
                values = [
                    strings.setdefault(value, value) if isinstance(value, str) else value
                    for value in map(row.__getitem__, _ROWS[table]._fields[:-1])
                ]
                rows[table].append(_ROWS[table](*values, process.number))
    for found in rows.values():
        found.sort(key=attrgetter("time_ns"))
    return Session(
        folder=Path(read.folder),
        name=read.name,
        started_ns=read.started_ns,
        metadata=read.metadata,
        processes=processes,
        tables=rows,
        notes=[*read.notes, *_lost(rows["losses"])],
    )


_ROLES = {"main": 0, "engine_core": 1, "worker": 2}


def _order(stream: Any) -> tuple[int, ...]:  # noqa: ANN401 - `reading.Stream`
    ranks = (stream.process.get("dp_rank") or 0, stream.rank or 0)
    return (_ROLES.get(stream.role, len(_ROLES)), *ranks, stream.pid)


def _process(number: int, stream: Any) -> Process:  # noqa: ANN401 - `reading.Stream`
    about = stream.process
    return Process(
        number=number,
        role=stream.role,
        rank=stream.rank,
        pid=stream.pid,
        parent_pid=about.get("parent_pid"),
        host=about.get("host", ""),
        began_ns=about.get("time_ns", 0),
        dp_rank=about.get("dp_rank"),
        stream=Path(stream.path),
    )


def _engine(process: Process, engines: list[Process]) -> int | None:
    for pid in (process.pid, process.parent_pid):
        found = [one.number for one in engines if (one.host, one.pid) == (process.host, pid)]
        if found:
            return found[0]
    same = [one.number for one in engines if one.dp_rank == process.dp_rank]
    return same[0] if len(same) == 1 else None


def _lost(rows: list[Any]) -> list[str]:
    """Say what processes could not write."""
    lost: Counter[str] = Counter()
    for row in rows:
        lost[row.lost] += row.rows
    return [
        f"{name}, {count} times" if name.startswith("trouble: ") else f"{count} rows of {name} lost"
        for name, count in sorted(lost.items())
    ]
