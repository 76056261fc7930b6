"""The life of each request is recorded, and why it lost its blocks."""

from __future__ import annotations

import re
from textwrap import dedent
from typing import TYPE_CHECKING

from tests.transforms.platforms.excerpts import patched, status_on
from tests.transforms.platforms.profile.loaded import load
from tests.transforms.platforms.profile.recorded import Recorded
from tests.transforms.platforms.profile.schedulers import MODULE, Request, run_step, scheduler
from transforms.engine.outcome import Status
from transforms.platforms.profile.requests import PATCH
from transforms.platforms.profile.scheduler import PATCH as SCHEDULER
from transforms.platforms.profile.step_id import PATCH as STEP_ID

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    import pytest

ALL = [PATCH, SCHEDULER, STEP_ID]
# The call has had a third argument since 0.27, and more lines.
BEFORE = """
from vllm.config import VllmConfig


class Scheduler:
    def schedule(self):
        while self.full:
            self._preempt_request(
                preempted_req,
                scheduled_timestamp,
                drop_stale_output=self.requires_kv_delivery,
            )
        if request.status == RequestStatus.WAITING:
            scheduled_new_reqs.append(request)
        elif request.status == RequestStatus.PREEMPTED:
            scheduled_resumed_reqs.append(request)

    def add_request(self, request):
        self.requests[request.request_id] = request
        if self.log_stats:
            request.record_event(EngineCoreEventType.QUEUED)

    def _free_request(self, request, delay_free_blocks=False):
        assert request.is_finished()

        self.encoder_cache_manager.free(request)

    def reset_prefix_cache(self):
        while self.running:
            request = self.running.pop()
            self._preempt_request(request, timestamp, drop_stale_output=True)
"""
AFTER = """
from vllm import wheelwright_profile
from vllm.config import VllmConfig


class Scheduler:
    def schedule(self):
        while self.full:
            if wheelwright_profile.on:
                wheelwright_profile.requests.preempted(
                    preempted_req, wheelwright_profile.requests.NO_FREE_BLOCKS
                )
            self._preempt_request(
                preempted_req,
                scheduled_timestamp,
                drop_stale_output=self.requires_kv_delivery,
            )
        if request.status == RequestStatus.WAITING:
            scheduled_new_reqs.append(request)
            if wheelwright_profile.on:
                wheelwright_profile.requests.scheduled(request, num_computed_tokens)
        elif request.status == RequestStatus.PREEMPTED:
            scheduled_resumed_reqs.append(request)
            if wheelwright_profile.on:
                wheelwright_profile.requests.resumed(request, num_computed_tokens)

    def add_request(self, request):
        self.requests[request.request_id] = request
        if wheelwright_profile.on:
            wheelwright_profile.requests.added(request)
        if self.log_stats:
            request.record_event(EngineCoreEventType.QUEUED)

    def _free_request(self, request, delay_free_blocks=False):
        assert request.is_finished()
        if wheelwright_profile.on:
            wheelwright_profile.requests.finished(request)

        self.encoder_cache_manager.free(request)

    def reset_prefix_cache(self):
        while self.running:
            request = self.running.pop()
            if wheelwright_profile.on:
                wheelwright_profile.requests.preempted(
                    request, wheelwright_profile.requests.RESET
                )
            self._preempt_request(request, timestamp, drop_stale_output=True)
"""


def test_it_stands_where_a_request_changes_hands() -> None:
    assert patched(PATCH, "0.33.0", MODULE, BEFORE) == dedent(AFTER)


def test_an_older_call_is_found_as_well() -> None:
    def older(text: str) -> str:
        return re.sub(r",\s*drop_stale_output=[\w.]+,?\s*\)", ")", dedent(text))

    assert older(BEFORE).count("drop_stale_output") == 0
    assert patched(PATCH, "0.14.1", MODULE, older(BEFORE)) == older(AFTER)


def test_releases_before_are_left_alone() -> None:
    assert status_on(PATCH, "0.14.0") is Status.EXCLUDED


def _events(recorded: Recorded) -> list[tuple[object, ...]]:
    columns = ("step", "request", "event", "reason", "computed_tokens", "output_tokens")
    return [tuple(row[name] for name in columns) for row in recorded.rows("requests")]


def test_a_life_without_incident(
    recorder: Callable[[], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = Recorded(recorder(), monkeypatch)
    engine = scheduler(ALL, "0.33.0", recorded.package, cached={"a": 4})
    engine.add_request(Request("a", 12, max_tokens=2))
    run_step(engine)
    run_step(engine)
    assert _events(recorded) == [
        (-1, "a", "added", "", 0, 0),
        (0, "a", "scheduled", "", 4, 0),
        (1, "a", "finished", "length", 13, 2),
    ]
    assert {row["prompt_tokens"] for row in recorded.rows("requests")} == {12}


def test_a_preempted_request_comes_back(
    recorder: Callable[[], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = Recorded(recorder(), monkeypatch)
    engine = scheduler(ALL, "0.33.0", recorded.package)
    engine.add_request(Request("a", 5, max_tokens=3))
    engine.add_request(Request("b", 6, max_tokens=3))
    run_step(engine)
    engine.refusals = 1
    engine.cached["b"] = 2
    while engine.requests:
        run_step(engine)
    assert [event for event in _events(recorded) if event[1] == "b"] == [
        (-1, "b", "added", "", 0, 0),
        (0, "b", "scheduled", "", 0, 0),
        (1, "b", "preempted", "no free KV blocks", 6, 1),
        (2, "b", "resumed", "", 2, 1),
        (3, "b", "finished", "length", 8, 3),
    ]
    # What b had computed and did not find again is prefill once more: its prompt, and its output.
    steps = recorded.rows("steps")
    assert [row["preempted"] for row in steps] == [0, 1, 0, 0]
    assert [(row["prefill_tokens"], row["decode_tokens"]) for row in steps] == [
        (11, 0),
        (0, 1),
        (5, 1),
        (0, 1),
    ]
    assert [row["phase"] for row in steps] == ["prefill", "decode", "mixed", "decode"]


def test_a_reset_preempts_between_two_steps(
    recorder: Callable[[], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = Recorded(recorder(), monkeypatch)
    engine = scheduler(ALL, "0.33.0", recorded.package)
    engine.add_request(Request("a", 5, max_tokens=3))
    run_step(engine)
    engine.reset_prefix_cache()
    run_step(engine)
    engine.finish_requests(["a"], "abort")
    assert _events(recorded)[2:] == [
        (0, "a", "preempted", "reset_prefix_cache", 5, 1),
        (1, "a", "resumed", "", 0, 1),
        (1, "a", "finished", "abort", 6, 2),
    ]


def test_scheduled_tokens_are_what_the_events_say(
    recorder: Callable[[], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = Recorded(recorder(), monkeypatch)
    engine = scheduler(ALL, "0.33.0", recorded.package, max_num_scheduled_tokens=7, cached={"c": 3})
    lengths = {"a": (20, 4), "b": (3, 9), "c": (11, 2), "d": (1, 1)}
    for name, (prompt, output) in lengths.items():
        engine.add_request(Request(name, prompt, output))
    for number in range(60):
        engine.refusals = number % 4 == 3
        run_step(engine)
    assert not engine.requests
    events = recorded.rows("requests")
    assert {row["event"] for row in events} >= {"preempted", "resumed"}
    sums = dict.fromkeys(("added", "scheduled", "preempted", "resumed", "finished"), 0)
    for row in events:
        sums[row["event"]] += row["computed_tokens"]
    steps = recorded.rows("steps")
    scheduled = sum(row["scheduled_tokens"] for row in steps)
    assert scheduled == sum(row["prefill_tokens"] + row["decode_tokens"] for row in steps)
    lost, kept = sums["preempted"], sums["scheduled"] + sums["resumed"]
    assert scheduled == lost + sums["finished"] - kept
    assert sums["finished"] == sum(prompt + output - 1 for prompt, output in lengths.values())


def test_off_it_does_nothing() -> None:
    engine = scheduler([PATCH], "0.33.0", load())
    request = Request("a", 12)
    engine.add_request(request)
    run_step(engine)
    assert not engine.requests
    assert not hasattr(request, "profile_running_since")
