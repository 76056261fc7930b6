"""Events of a request: how long it ran, at which step, and with how many tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.transforms.platforms.profile.schedulers import Request, SchedulerOutput

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from tests.transforms.platforms.profile.recorded import Recorded


def test_a_row_has_every_figure(recorded: Recorded, clock: list[int]) -> None:
    requests = recorded.package.requests
    request = Request("a", 9, num_output_tokens=4, num_computed_tokens=12)
    clock[0] = 100
    requests.scheduled(request, 3)
    clock[0] = 130
    requests.preempted(request, requests.NO_FREE_BLOCKS)
    assert recorded.rows("requests")[1] == {
        "time_ns": 10**18 + 130,
        "step": 0,
        "request": "a",
        "event": "preempted",
        "reason": "no free KV blocks",
        "running_ns": 30,
        "prompt_tokens": 9,
        "computed_tokens": 12,
        "output_tokens": 4,
    }


def test_a_request_runs_from_when_it_is_let_in(recorded: Recorded, clock: list[int]) -> None:
    requests, request = recorded.package.requests, Request("a", 9)
    requests.added(request)
    for begin, end in ((100, 130), (500, 560)):
        clock[0] = begin
        (requests.scheduled if begin == 100 else requests.resumed)(request, 0)
        clock[0] = end
        requests.preempted(request, requests.RESET)
    clock[0] = 900
    requests.finished(request)
    rows = [(row["event"], row["running_ns"]) for row in recorded.rows("requests")]
    assert rows == [
        ("added", None),
        ("scheduled", None),
        ("preempted", 30),
        ("resumed", None),
        ("preempted", 60),
        ("finished", None),  # it was waiting
    ]


def test_a_request_that_never_ran_has_no_time(recorded: Recorded) -> None:
    recorded.package.requests.finished(Request("a", 9, status="abort"))
    (row,) = recorded.rows("requests")
    assert (row["running_ns"], row["reason"]) == (None, "abort")


def test_what_a_step_decides_has_its_number_and_all_else_the_last_one(recorded: Recorded) -> None:
    requests, request = recorded.package.requests, Request("a", 9)
    for _ in range(5):
        recorded.package.scheduling.number(SchedulerOutput({}))
    requests.added(request)
    requests.scheduled(request, 0)
    requests.preempted(request, requests.NO_FREE_BLOCKS)
    requests.resumed(request, 0)
    requests.preempted(request, requests.RESET)
    requests.finished(request)
    assert [row["step"] for row in recorded.rows("requests")] == [4, 5, 5, 5, 4, 4]


@pytest.mark.parametrize("point", ["added", "scheduled", "preempted", "resumed", "finished"])
def test_a_request_that_is_otherwise_is_said_and_not_raised(
    point: str, recorder: Callable[[], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    package = recorder()
    said: list[str] = []
    monkeypatch.setattr(package.recording, "trouble", lambda what, _: said.append(what))
    more: dict[str, list[object]] = {"scheduled": [0], "resumed": [0], "preempted": ["why"]}
    getattr(package.requests, point)(object(), *more.get(point, []))
    assert said == [f"requests.{point}"]
