# SPDX-License-Identifier: Apache-2.0
"""The life of each request, from its events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .session import Session


@dataclass(slots=True, kw_only=True)
class Life:
    """What happened to one request, and when; times in nanoseconds since 1970.

    Attributes:
        request: its id.
        scheduled_ns: first scheduled.
        preempted_ns: first preempted.
        resumed_ns: first resumed.
        finished_ns: finished.
        preemptions: how often it was preempted.
        delay_ns: the time that it was out of the batch, from being preempted to being resumed.
        out_since_ns: when it was preempted, if it is out now.
    """

    request: str
    scheduled_ns: int | None = None
    preempted_ns: int | None = None
    resumed_ns: int | None = None
    finished_ns: int | None = None
    preemptions: int = 0
    delay_ns: int = 0
    out_since_ns: int | None = None


def lives(session: Session) -> list[Life]:
    """Give every request of a session, in the order of their first events."""
    found: dict[tuple[int, str], Life] = {}
    for row in session.rows("requests"):
        life = found.setdefault((row.process, row.request), Life(request=row.request))
        _happened(life, row.event, row.time_ns)
    return list(found.values())


def _happened(life: Life, event: str, time_ns: int) -> None:
    """Note one event; `added` says nothing but that the request is there."""
    if event in {"scheduled", "resumed"} and life.scheduled_ns is None:
        life.scheduled_ns = time_ns
    if event == "preempted":
        life.preemptions += 1
        life.out_since_ns = time_ns
        if life.preempted_ns is None:
            life.preempted_ns = time_ns
    elif event == "resumed":
        if life.resumed_ns is None:
            life.resumed_ns = time_ns
        if life.out_since_ns is not None:
            life.delay_ns += time_ns - life.out_since_ns
            life.out_since_ns = None
    elif event == "finished":
        life.finished_ns = time_ns
