# SPDX-License-Identifier: Apache-2.0
"""A diagnosis as text."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from ..text_table import Value, shown, text_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_WIDTH = 100


def diagnosis_text(document: Mapping[str, Any]) -> Iterator[str]:
    """Give the lines of a diagnosis; the last is the verdict.

    Args:
        document: what `diagnosis` gives.
    """
    yield from _wheel(document["wheel"])
    for name, value in document["environment"].items():
        yield f"  {name}={value}"
    session = document["session"]
    if session is None:
        yield "Session: none; an engine that runs with VLLM_ENABLE_PROFILING=1 makes one"
    else:
        yield f"Session: {session['folder']}"
        yield from (f"  {line}" for line in _processes(session["processes"]))
        yield from (f"  note: {note}" for note in session["notes"])
    yield "Points"
    yield from _points(document)
    yield document["verdict"]["text"]


def _wheel(wheel: Mapping[str, Any]) -> Iterator[str]:
    if "problem" in wheel:
        yield f"Wheel: it cannot be told what is compiled in: {wheel['problem']}"
        return
    yield f"Wheel: {wheel['distribution']} {wheel['version']} ({', '.join(wheel['platforms'])})"
    for outcome in sorted(set(wheel["patches"].values())):
        names = [name for name, one in wheel["patches"].items() if one == outcome]
        listed = f"{outcome}: {', '.join(names)}"
        yield from textwrap.wrap(listed, _WIDTH, initial_indent=" " * 2, subsequent_indent=" " * 4)


def _processes(processes: list[dict[str, Any]]) -> Iterator[str]:
    rows: list[list[Value]] = [
        [
            one["label"],
            str(one["pid"]),
            one["state"],
            f"{shown(one['silent_seconds'])} s ago",
            sum(one["rows"].values()),
        ]
        for one in processes
    ]
    if rows:
        yield from text_table(("process", "pid", "state", "last wrote", "rows"), rows)
    else:
        yield "no process has recorded anything"


def _points(document: Mapping[str, Any]) -> Iterator[str]:
    """Give a table of the points, and below each that did not fire why that may be."""
    session = document["session"]
    labels = {
        str(one["number"]): f"{one['label']} ({one['pid']})"
        for one in (session["processes"] if session else ())
    }
    rows: list[list[Value]] = []
    for point in document["points"]:
        where = ", ".join(f"{labels[number]} {n}" for number, n in point["processes"].items())
        state = point["state"] if session or point["state"] != "not yet" else ""
        if not session and state == "silent":
            state = ""
        rows.append([point["name"], state, point["fired"] if session else None, where])
    lines = text_table(("point", "state", "fired", "in"), rows)
    yield f"  {next(lines)}"
    for point, line in zip(document["points"], lines, strict=True):
        yield f"  {line}"
        if point["state"] != "fired":
            for reason in _reasons(point):
                yield from textwrap.wrap(
                    reason, _WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 8
                )


def _reasons(point: Mapping[str, Any]) -> Iterator[str]:
    """Say why a point did not fire, as far as that can be known."""
    if point["state"] == "not compiled in":
        yield f"the patch profile/{point['patch']} is {point['compiled_in']} in this wheel"
        return
    yield f"fires when {point['fires_when']}"
    if point["state"] == "missing":
        yield f"that happened, and it did not fire: {point['target']}"
    elif point["silent_when"]:
        yield f"normally silent: {point['silent_when']}"
