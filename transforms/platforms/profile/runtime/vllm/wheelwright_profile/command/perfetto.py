# SPDX-License-Identifier: Apache-2.0
"""Write a session as a trace that ui.perfetto.dev opens.

The format is Chrome's Trace Event Format ("JSON object format"): complete events (`X`) for what has
a duration, counters (`C`), instants (`i`), flows (`s` to `f`) from a step to its forward passes,
and metadata (`M`) that names the tracks. Times are microseconds since the session began.

One process is one group of tracks. Where slices of one kind overlap without nesting, which the
viewer cannot draw, they get further tracks of the same name.
"""

from __future__ import annotations

import json
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from .forward import joined_steps
from .lanes import in_lanes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from .session import Session

Event = dict[str, Any]

TABLES = frozenset(
    {
        "encoder",
        "evictions",
        "forward",
        "graph_captures",
        "graph_timeline",
        "operations",
        "requests",
        "steps",
    }
)
# Each kind of slice has tracks of its own, numbered from here on, so that viewers keep this order.
_KINDS = ("schedule", "forward", "operations", "encoder", "graphs (device)", "graph captures")
_LANES = 1000
_NS_IN_US = 1000


def write_trace(session: Session, path: Path) -> int:
    """Write the trace.

    Args:
        session: with all of `TABLES`.
        path: where to.

    Returns:
        the number of events.
    """
    count = 0
    other = {"session": session.name, "source": "vllm-wheelwright", "notes": session.notes}
    with path.open("w", encoding="utf-8") as stream:
        stream.write('{"displayTimeUnit":"ms","otherData":')
        stream.write(json.dumps(other))
        stream.write(',"traceEvents":[')
        for event in trace_events(session):
            stream.write(",\n" if count else "\n")
            stream.write(json.dumps(event, ensure_ascii=False, separators=(",", ":")))
            count += 1
        stream.write("\n]}\n")
    return count


def trace_events(session: Session) -> Iterator[Event]:
    """Give all events of a session."""
    pids = _pids(session)
    for process in session.processes:
        about = {"name": "process_name", "ph": "M", "pid": pids[process.number], "ts": 0}
        # Viewers add the process's id.
        yield about | {"args": {"name": f"{process.label} on {process.host}"}}
        order = {"sort_index": process.number}
        yield about | {"name": "process_sort_index", "args": order}
    for kind in _KINDS:
        yield from _slices(session, kind, pids)
    yield from _counters(session, pids)
    yield from _instants(session, pids)
    yield from _flows(session, pids)


def _slices(session: Session, kind: str, pids: list[int]) -> Iterator[Event]:
    """Give one kind's slices, and the names of the tracks that they need."""
    table, make = _SLICES[kind]
    rows = [row for row in session.rows(table) if row.duration_ns is not None]
    for process in session.processes:
        own = [row for row in rows if row.process == process.number]
        starts = [_start(table, row) for row in own]
        took = [row.duration_ns for row in own]
        lanes = in_lanes(zip(starts, took, strict=True))
        for lane in range(max(lanes, default=-1) + 1):
            thread = {"pid": pids[process.number], "tid": _tid(kind, lane), "ts": 0}
            yield {"name": "thread_name", "ph": "M", **thread, "args": {"name": kind}}
            order = {"sort_index": _tid(kind, lane)}
            yield {"name": "thread_sort_index", "ph": "M", **thread, "args": order}
        for row, start, duration, lane in zip(own, starts, took, lanes, strict=True):
            name, args = make(row)
            yield {
                "name": name,
                "cat": kind,
                "ph": "X",
                "ts": _micros(start - session.started_ns),
                "dur": _micros(duration),
                "pid": pids[process.number],
                "tid": _tid(kind, lane),
                "args": args,
            }


def _start(table: str, row: Any) -> int:  # noqa: ANN401 - a row of any table
    """Give when a row's slice began; steps and captures are written when they end."""
    ended = table in {"steps", "graph_captures"}
    start: int = row.time_ns - row.duration_ns if ended else row.time_ns
    return start


def _counters(session: Session, pids: list[int]) -> Iterator[Event]:
    for row in session.rows("steps"):
        where = {"ph": "C", "pid": pids[row.process], "ts": _time(session, row)}
        tokens = {"prefill": row.prefill_tokens, "decode": row.decode_tokens}
        yield {"name": "KV blocks used", **where, "args": {"blocks": row.blocks_used}}
        queues = {"running": row.running, "waiting": row.waiting}
        yield {"name": "requests", **where, "args": queues}
        yield {"name": "scheduled tokens", **where, "args": tokens}


def _instants(session: Session, pids: list[int]) -> Iterator[Event]:
    for row in session.rows("requests"):
        if row.event in {"preempted", "resumed"}:
            args = {"request": row.request, "reason": row.reason, "step": row.step}
            yield _instant(session, row, pids, row.event, args)
    for row in session.rows("evictions"):
        args = {"block": row.block, "idle_ms": row.idle_ns / 1e6, "step": row.step}
        yield _instant(session, row, pids, "block evicted", args)


def _instant(
    session: Session,
    row: Any,  # noqa: ANN401 - a row of `requests` or `evictions`
    pids: list[int],
    name: str,
    args: Event,
) -> Event:
    where = {"pid": pids[row.process], "tid": _tid("schedule", 0)}
    when = {"ph": "i", "s": "p", "ts": _time(session, row)}
    return {"name": name, "cat": "requests", **when, **where, "args": args}


def _flows(session: Session, pids: list[int]) -> Iterator[Event]:
    """Lead from the end of each `schedule()` to the forward passes of its step."""
    number = 0
    lanes = {kind: _lane_of(session, kind) for kind in ("schedule", "forward")}
    for joined in joined_steps(session):
        for row in joined.passes:
            number += 1
            flow = {"name": "step", "cat": "step", "id": number}
            source, target = lanes["schedule"][id(joined.step)], lanes["forward"][id(row)]
            # Within the slice: at its very end it would belong to none.
            leaves = max(joined.step.time_ns - _NS_IN_US, _start("steps", joined.step))
            yield {
                **flow,
                "ph": "s",
                "ts": _micros(leaves - session.started_ns),
                "pid": pids[joined.step.process],
                "tid": _tid("schedule", source),
            }
            yield {
                **flow,
                "ph": "f",
                "bp": "e",
                "ts": _time(session, row),
                "pid": pids[row.process],
                "tid": _tid("forward", target),
            }


def _lane_of(session: Session, kind: str) -> dict[int, int]:
    """Give the lane of each row by its identity."""
    table, _ = _SLICES[kind]
    result: dict[int, int] = {}
    for process in session.processes:
        own = [row for row in session.rows(table) if row.process == process.number]
        lanes = in_lanes((_start(table, row), row.duration_ns) for row in own)
        result |= {id(row): lane for row, lane in zip(own, lanes, strict=True)}
    return result


def _pids(session: Session) -> list[int]:
    """Give each process's id, or where two have the same (other hosts), a number that none has."""
    pids = [process.pid for process in session.processes]
    return [
        pid if pids.count(pid) == 1 else max(pids) + 1 + number for number, pid in enumerate(pids)
    ]


def _tid(kind: str, lane: int) -> int:
    return (_KINDS.index(kind) + 1) * _LANES + lane


def _time(session: Session, row: Any) -> float:  # noqa: ANN401
    return _micros(row.time_ns - session.started_ns)


def _micros(nanoseconds: int) -> float:
    return nanoseconds / _NS_IN_US


def _named(name: str, *columns: str) -> Callable[[Any], tuple[str, Event]]:
    """Make a slice's name and arguments from columns."""
    take = attrgetter(name)
    return lambda row: (take(row), {column: getattr(row, column) for column in columns})


_SLICES: dict[str, tuple[str, Callable[[Any], tuple[str, Event]]]] = {
    "schedule": (
        "steps",
        _named(
            "phase",
            "step",
            "scheduled_requests",
            "scheduled_tokens",
            "max_tokens",
            "running",
            "waiting",
            "preempted",
            "blocks_used",
            "blocks_total",
            "blocks_evicted",
        ),
    ),
    "forward": (
        "forward",
        _named("phase", "step", "rank", "requests", "tokens", "padded_tokens", "device_ns"),
    ),
    "operations": ("operations", _named("operation", "step", "context")),
    "encoder": ("encoder", _named("component", "step", "context")),
    "graphs (device)": ("graph_timeline", _named("descriptor", "step")),
    "graph captures": (
        "graph_captures",
        _named("mode", "tokens", "requests", "uniform", "lora"),
    ),
}
