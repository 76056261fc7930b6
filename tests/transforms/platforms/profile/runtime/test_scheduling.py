"""Steps: their numbers, what is prefill in them, and when what is recorded is written."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from tests.transforms.platforms.profile.recorded import Recorded
from tests.transforms.platforms.profile.schedulers import Pool, Request, SchedulerOutput

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType


@pytest.fixture
def recorded(recorder: Callable[[], ModuleType], monkeypatch: pytest.MonkeyPatch) -> Recorded:
    package = recorder()
    monkeypatch.setattr(package.recording, "clock", lambda: 5_000)
    monkeypatch.setattr(package.recording, "now", lambda: 10**18)
    return Recorded(package, monkeypatch)


def _scheduler(*requests: Request, unfinished: bool = True) -> SimpleNamespace:
    return SimpleNamespace(
        requests={request.request_id: request for request in requests},
        kv_cache_manager=SimpleNamespace(block_pool=Pool()),
        max_num_running_reqs=4,
        max_num_scheduled_tokens=2048,
        get_request_counts=lambda: (2, 3),
        has_unfinished_requests=lambda: unfinished,
    )


def _step(
    recorded: Recorded, scheduler: SimpleNamespace, tokens: dict[str, int]
) -> dict[str, object]:
    output = SchedulerOutput(tokens)
    recorded.package.scheduling.number(output)
    recorded.package.scheduling.scheduled(scheduler, output, ["preempted"], 1_000)
    return recorded.rows("steps")[-1]


def test_a_row_has_every_figure(recorded: Recorded) -> None:
    scheduler = _scheduler(Request("a", 9, num_computed_tokens=9))
    assert _step(recorded, scheduler, {"a": 9}) == {
        "time_ns": 10**18,
        "step": 0,
        "duration_ns": 4_000,
        "phase": "prefill",
        "scheduled_requests": 1,
        "running": 2,
        "waiting": 3,
        "max_running": 4,
        "scheduled_tokens": 9,
        "max_tokens": 2048,
        "prefill_tokens": 9,
        "decode_tokens": 0,
        "preempted": 1,
        "blocks_used": 0,
        "blocks_total": 10,
        "blocks_allocated": 0,
        "blocks_freed": 0,
        "blocks_evicted": 0,
    }
    assert recorded.rows("operations") == [
        {
            "time_ns": 10**18 - 4_000,
            "step": 0,
            "duration_ns": 4_000,
            "operation": "schedule",
            "context": "prefill",
        }
    ]


# A request's tokens of a prompt of 10: how many it has put out, how many are computed after the
# step, how many the step computes; and whether that is prefill.
_PREFILL = {
    "a whole prompt": (0, 10, 10, True),
    "a part of one": (0, 6, 6, True),
    "its end": (0, 10, 4, True),
    "a prompt that a cache had but for its last token": (0, 10, 1, True),
    "a token": (1, 11, 1, False),
    "a token and what was speculated": (3, 16, 4, False),
    "a token that is scheduled before the last one is there": (1, 12, 1, False),
    "a resumed request": (5, 15, 15, True),
    "output that a resumed request computes again": (5, 15, 3, True),
    "the last token of a resumed request": (5, 15, 1, False),
}


@pytest.mark.parametrize("case", _PREFILL.values(), ids=_PREFILL)
def test_what_is_computed_for_the_first_time_behind_the_prompt_is_decode(
    case: tuple[int, int, int, bool], recorded: Recorded
) -> None:
    output, computed, tokens, prefill = case
    request = Request("a", 10, num_output_tokens=output, num_computed_tokens=computed)
    row = _step(recorded, _scheduler(request), {"a": tokens})
    expected = (tokens, 0) if prefill else (0, tokens)
    assert (row["prefill_tokens"], row["decode_tokens"]) == expected
    assert row["phase"] == ("prefill" if prefill else "decode")


def test_a_step_can_be_mixed_or_idle(recorded: Recorded) -> None:
    prompt = Request("a", 10, num_computed_tokens=10)
    running = Request("b", 2, num_output_tokens=1, num_computed_tokens=3)
    scheduler = _scheduler(prompt, running)
    assert _step(recorded, scheduler, {"a": 10, "b": 1})["phase"] == "mixed"
    assert _step(recorded, scheduler, {})["phase"] == "idle"


def test_an_update_is_timed_with_the_step_that_it_is_of(recorded: Recorded) -> None:
    output = SchedulerOutput({}, profile_step_id=41)
    recorded.package.scheduling.updated(_scheduler(), output, 2_000)
    assert recorded.rows("operations") == [
        {
            "time_ns": 10**18 - 3_000,
            "step": 41,
            "duration_ns": 3_000,
            "operation": "update_from_output",
            "context": "",
        }
    ]


@pytest.mark.parametrize("unfinished", [True, False])
def test_where_nothing_is_left_to_do_the_rows_are_written(
    recorded: Recorded,
    unfinished: bool,  # noqa: FBT001
) -> None:
    scheduler = _scheduler(unfinished=unfinished)
    recorded.package.scheduling.updated(scheduler, SchedulerOutput({}), 0)
    assert recorded.flushes == (not unfinished)


def test_the_last_step_and_the_next_one_are_known(recorded: Recorded) -> None:
    scheduling = recorded.package.scheduling
    assert (scheduling.last_step(), scheduling.next_step()) == (-1, 0)
    scheduling.number(SchedulerOutput({}))
    assert (scheduling.last_step(), scheduling.next_step()) == (0, 1)


def test_a_scheduler_that_is_otherwise_is_said_and_not_raised(
    recorder: Callable[[], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    package = recorder()
    said: list[str] = []
    monkeypatch.setattr(package.recording, "trouble", lambda what, _: said.append(what))
    package.scheduling.scheduled(object(), SchedulerOutput({}), [], 0)
    package.scheduling.updated(object(), SchedulerOutput({}), 0)
    assert said == ["scheduler.schedule", "scheduler.update_from_output"]
