"""The trace is what the Trace Event Format allows, and has all that the rows say.

The schema is written after the format's own description (the document that catapult links to);
`tests/browser/test_perfetto.py` opens a trace in Perfetto itself.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from tests.transforms.platforms.profile.runtime.command import sessions
from tests.transforms.platforms.profile.runtime.command.commands import opened, package, run_good
from tests.transforms.platforms.profile.runtime.command.sample import MS, STEPS
from tests.transforms.platforms.profile.runtime.command.sessions import STARTED_NS, Recorded, row

if TYPE_CHECKING:
    from pathlib import Path

Rows = dict[str, list[dict[str, Any]]]
Event = dict[str, Any]


def kind(ph: str, required: str, **properties: Any) -> dict[str, Any]:  # noqa: ANN401
    """Say what an event of one phase has."""
    return {
        "properties": {"ph": {"const": ph}, **properties},
        "required": ["ph", "name", "pid", *required.split()],
    }


NUMBERS = {"type": "object", "additionalProperties": {"type": "number"}, "minProperties": 1}
METADATA = {
    "process_name": {"name": {"type": "string"}},
    "thread_name": {"name": {"type": "string"}},
    "process_sort_index": {"sort_index": {"type": "integer"}},
    "thread_sort_index": {"sort_index": {"type": "integer"}},
}
SCHEMA = {
    "type": "object",
    "required": ["traceEvents"],
    "properties": {
        "displayTimeUnit": {"enum": ["ms", "ns"]},
        "otherData": {"type": "object"},
        "traceEvents": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "name": {"type": "string", "minLength": 1},
                    "cat": {"type": "string"},
                    "pid": {"type": "integer", "minimum": 1},
                    "tid": {"type": "integer", "minimum": 1},
                    "ts": {"type": "number", "minimum": 0},
                    "args": {"type": "object"},
                },
                "oneOf": [
                    kind("X", "ts dur tid cat", dur={"type": "number", "minimum": 0}),
                    kind("C", "ts args", args=NUMBERS),
                    kind("i", "ts tid s", s={"enum": ["g", "p", "t"]}),
                    kind("s", "ts tid id cat", id={"type": ["integer", "string"]}),
                    kind(
                        "f",
                        "ts tid id cat bp",
                        id={"type": ["integer", "string"]},
                        bp={"const": "e"},
                    ),
                    *(
                        kind(
                            "M",
                            "args",
                            name={"const": name},
                            args={"properties": args, "required": [*args]},
                        )
                        for name, args in METADATA.items()
                    ),
                ],
            },
        },
    },
}


@pytest.fixture(scope="module")
def trace(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("perfetto") / "trace.json"
    run_good("profile", folder, "export", "--perfetto", path)
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


@pytest.fixture(scope="module")
def events(trace: dict[str, Any]) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = defaultdict(list)
    for event in trace["traceEvents"]:
        found[event["ph"]].append(event)
    return found


def micros(time_ns: int) -> float:
    return (time_ns - STARTED_NS) / 1000


def test_every_event_is_one_of_the_format(trace: dict[str, Any]) -> None:
    jsonschema.validate(trace, SCHEMA)


def test_a_session_of_nothing_is_a_trace(empty_folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "trace.json"
    run_good("profile", empty_folder, "export", "--perfetto", path)
    document = json.loads(path.read_text(encoding="utf-8"))
    jsonschema.validate(document, SCHEMA)
    assert {event["ph"] for event in document["traceEvents"]} == {"M"}


def test_slices_are_the_rows_with_a_duration(events: dict[str, list[Event]], rows: Rows) -> None:
    counts = Counter(event["cat"] for event in events["X"])
    timed = [one for one in rows["graph_timeline"] if one["duration_ns"] is not None]
    assert counts == {
        "schedule": STEPS,
        "forward": len(rows["forward"]),
        "operations": len(rows["operations"]),
        "encoder": 2,
        "graphs (device)": len(timed),
        "graph captures": 2,
    }
    schedules = [event for event in events["X"] if event["cat"] == "schedule"]
    for event, step in zip(schedules, rows["steps"], strict=True):
        assert event["ts"] + event["dur"] == pytest.approx(micros(step["time_ns"]))
        assert event["args"]["step"] == step["step"]
    passes = [event for event in events["X"] if event["cat"] == "forward"]
    starts = Counter(event["ts"] for event in passes)
    assert starts == Counter(micros(one["time_ns"]) for one in rows["forward"])


def test_slices_of_a_track_nest(events: dict[str, list[Event]]) -> None:
    tracks: dict[tuple[int, int], list[Event]] = defaultdict(list)
    for event in events["X"]:
        tracks[event["pid"], event["tid"]].append(event)
    for track in tracks.values():
        open_until: list[float] = []
        for event in sorted(track, key=lambda one: (one["ts"], -one["dur"])):
            while open_until and open_until[-1] <= event["ts"]:
                open_until.pop()
            end = event["ts"] + event["dur"]
            assert not open_until or end <= open_until[-1] + 0.001
            open_until.append(end)


def test_every_track_and_process_has_a_name(events: dict[str, list[Event]]) -> None:
    names = {
        (event["pid"], event.get("tid")): event["args"].get("name")
        for event in events["M"]
        if event["name"].endswith("_name")
    }
    used = {(event["pid"], event["tid"]) for event in events["X"] + events["i"] + events["s"]}
    assert used <= names.keys()
    processes = [name.split(" on ")[0] for (_, tid), name in names.items() if tid is None]
    assert sorted(processes) == ["engine_core", "main", "worker 0", "worker 1"]


def test_counters_are_the_steps(events: dict[str, list[Event]], rows: Rows) -> None:
    found = defaultdict(list)
    for event in events["C"]:
        found[event["name"]].append(event["args"])
    steps = rows["steps"]
    assert found == {
        "KV blocks used": [{"blocks": one["blocks_used"]} for one in steps],
        "requests": [{"running": one["running"], "waiting": one["waiting"]} for one in steps],
        "scheduled tokens": [
            {"prefill": one["prefill_tokens"], "decode": one["decode_tokens"]} for one in steps
        ],
    }


def test_instants_are_preemptions_and_evictions(events: dict[str, list[Event]], rows: Rows) -> None:
    counts = Counter(event["name"] for event in events["i"])
    happened = Counter(one["event"] for one in rows["requests"])
    assert counts == {
        "preempted": happened["preempted"],
        "resumed": happened["resumed"],
        "block evicted": len(rows["evictions"]),
    }


def test_an_arrow_leads_from_each_step_to_its_passes(
    events: dict[str, list[Event]], rows: Rows
) -> None:
    slices = defaultdict(list)
    for event in events["X"]:
        slices[event["pid"], event["tid"]].append(event)
    ends = {event["id"]: event for event in events["f"]}
    assert len(events["s"]) == len(ends) == len(rows["forward"])

    def enclosing(event: Event) -> Event:
        found = [
            one
            for one in slices[event["pid"], event["tid"]]
            if one["ts"] <= event["ts"] <= one["ts"] + one["dur"]
        ]
        assert len(found) == 1
        return found[0]

    for start in events["s"]:
        source, target = enclosing(start), enclosing(ends[start["id"]])
        assert (source["cat"], target["cat"]) == ("schedule", "forward")
        assert source["args"]["step"] == target["args"]["step"]


def operation(name: str, start: int, duration: int) -> tuple[Any, ...]:
    return row(
        "operations",
        time_ns=STARTED_NS + start * MS,
        step=-1,
        duration_ns=duration * MS,
        operation=name,
        context="",
    )


def test_slices_that_cross_get_tracks_of_their_own(tmp_path: Path) -> None:
    rows = [operation("a", 0, 10), operation("b", 5, 10), operation("c", 6, 2)]
    folder = sessions.write(tmp_path, [Recorded(rows={"operations": rows})])
    found = list(package("command.perfetto").trace_events(opened(folder)))
    tracks = {event["name"]: event["tid"] for event in found if event["ph"] == "X"}
    assert tracks["a"] == tracks["c"] != tracks["b"]
    named = [event["tid"] for event in found if event["name"] == "thread_name"]
    assert all(one < other for one, other in pairwise(named))
    assert set(named) == set(tracks.values())


def test_processes_of_one_id_are_told_apart(tmp_path: Path) -> None:
    """On several hosts, two processes may have the same id."""
    rows = {"operations": [operation("a", 0, 10)]}
    folder = sessions.write(tmp_path, [Recorded(rows=rows)])
    stream = next(folder.glob("main-*"))
    (folder / f"worker-0-{stream.stem.split('-')[1]}.jsonl").write_bytes(stream.read_bytes())
    found = list(package("command.perfetto").trace_events(opened(folder)))
    assert len({event["pid"] for event in found if event["ph"] == "X"}) == 2
