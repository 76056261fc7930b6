# SPDX-License-Identifier: Apache-2.0
"""Say which points a wheel has, in which processes they fired, and what is normally silent.

What must have fired once a request came: `schedule()`, and a forward pass of either model runner.
All else depends on the model and on what was asked of it; `points.POINTS` says when each is
normally silent.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from ...points import POINTS
from .alive import silent_seconds, state

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...points import Point
    from ..session import Session

# The version of the document.
SCHEMA = 1
TABLES = frozenset({"points"})
PLATFORM = "profile"

# Once a request came, one point of each line must have fired.
REQUIRED = {
    "schedule": ("scheduler.schedule",),
    "forward": ("forward.ends", "forward_v2.ends"),
}
_REQUEST = "requests.added"


def diagnosis(
    wheel: Mapping[str, Any], session: Session | None, environment: Mapping[str, str]
) -> dict[str, Any]:
    """Describe what is compiled in, and what became of it.

    Args:
        wheel: the wheel's manifest, or a `problem` that says why there is none.
        session: with `TABLES`; None where there is none.
        environment: of this process: an engine that is started from it would have the same.
    """
    patches = _patches(wheel)
    fired = _fired(session)
    points = [_point(point, patches, fired) for point in POINTS]
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "wheel": _wheel(wheel, patches),
        "environment": {
            name: value
            for name, value in sorted(environment.items())
            if name == "VLLM_ENABLE_PROFILING" or name.startswith("VLLM_PROFILING_")
        },
        "session": session and _session(session),
        "points": points,
    }
    failures = _failures(points) if session else []
    good = not failures
    document["verdict"] = {"good": good, "failures": failures, "text": _verdict(document, failures)}
    return document


def _patches(wheel: Mapping[str, Any]) -> dict[str, str]:
    """Give the outcome of each patch of the platform; empty where the manifest cannot be read."""
    return {
        patch["name"].removeprefix(f"{PLATFORM}/"): patch["outcome"]
        for patch in wheel.get("patches", ())
        if patch["name"].startswith(f"{PLATFORM}/")
    }


def _wheel(wheel: Mapping[str, Any], patches: dict[str, str]) -> dict[str, Any]:
    if "problem" in wheel:
        return {"problem": wheel["problem"]}
    described = ("distribution", "version", "release", "platforms", "digest")
    return {**{name: wheel.get(name) for name in described}, "patches": patches}


def _fired(session: Session | None) -> dict[str, Counter[int]]:
    """Give for each point how often each process passed it."""
    fired: dict[str, Counter[int]] = {}
    for row in session.rows("points") if session else ():
        fired.setdefault(row.point, Counter())[row.process] += row.fired
    return fired


def _point(
    point: Point, patches: Mapping[str, str], fired: Mapping[str, Counter[int]]
) -> dict[str, Any]:
    """Describe a point.

    `state` is `fired`, `silent` (which is normal: `silent_when` says when), `not yet` (nothing that
    it waits for has happened), `missing` (it must have fired) or `not compiled in`.
    """
    outcome = patches.get(point.patch, "absent") if patches else "unknown"
    total = sum(fired.get(point.name, Counter()).values())
    if total:
        found = "fired"
    elif outcome in {"absent", "excluded"}:
        found = "not compiled in"
    elif _must_have_fired(point.name, fired):
        found = "missing"
    else:
        found = "silent" if point.silent_when else "not yet"
    return {
        "name": point.name,
        "patch": point.patch,
        "target": point.target,
        "process": point.process,
        "fires_when": point.fires_when,
        "silent_when": point.silent_when,
        "compiled_in": outcome,
        "state": found,
        "fired": total,
        "processes": {str(number): n for number, n in sorted(fired.get(point.name, {}).items())},
    }


def _must_have_fired(name: str, fired: Mapping[str, Counter[int]]) -> bool:
    """Tell whether a point stands in a line of `REQUIRED` of which none fired in time."""
    required = {one for names in REQUIRED.values() for one in names}
    if not fired.keys() & (required | {_REQUEST}):
        return False
    return any(name in names and not fired.keys() & set(names) for names in REQUIRED.values())


def _failures(points: list[dict[str, Any]]) -> list[str]:
    """Name what must have fired and did not, each line of `REQUIRED` once."""
    silent = {point["name"] for point in points if point["state"] == "missing"}
    return [what for what, names in REQUIRED.items() if silent & set(names)]


def _session(session: Session) -> dict[str, Any]:
    return {
        "name": session.name,
        "folder": str(session.folder),
        "metadata": session.metadata,
        "notes": session.notes,
        "processes": [
            process.document()
            | {
                "number": process.number,
                "state": state(process),
                "silent_seconds": silent_seconds(process),
            }
            for process in session.processes
        ],
    }


def _verdict(document: Mapping[str, Any], failures: list[str]) -> str:
    points, session = document["points"], document["session"]
    if session is None:
        applied = sum(point["compiled_in"] == "applied" for point in points)
        compiled = f"{applied} of {len(points)} points are compiled in"
        known = compiled if "patches" in document["wheel"] else f"{len(points)} points"
        return f"PASS: {known}; there is no session to say which of them fired"
    fired = sum(point["state"] == "fired" for point in points)
    counted = f"{fired} of {len(points)} points fired in {len(session['processes'])} processes"
    if failures:
        return f"FAIL: {' and '.join(failures)} should have fired and did not; {counted}"
    if not fired:
        return f"PASS: {counted}: no request has come"
    waits = sum(point["state"] == "not yet" for point in points)
    later = f", {waits} have had no reason to" if waits else ""
    return f"PASS: {counted}{later}; what is silent is normally so"
