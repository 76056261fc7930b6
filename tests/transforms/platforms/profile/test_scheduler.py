"""Each step is recorded: what is scheduled, against which budget, and how long that took."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from tests.transforms.platforms.excerpts import patched, status_on
from tests.transforms.platforms.profile.loaded import load
from tests.transforms.platforms.profile.recorded import Recorded
from tests.transforms.platforms.profile.schedulers import MODULE, Request, run_step, scheduler
from transforms.engine.outcome import Status
from transforms.platforms.profile.scheduler import PATCH
from transforms.platforms.profile.step_id import PATCH as STEP_ID

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

BEFORE = """
from vllm import envs
from vllm.config import VllmConfig


class Scheduler:
    def schedule(self):
        # NOTE(woosuk) on the scheduling algorithm:
        scheduled_new_reqs: list[Request] = []
        preempted_reqs: list[Request] = []
        scheduler_output = SchedulerOutput(self.choose())
        with record_function_or_nullcontext("schedule: update_after_schedule"):
            self._update_after_schedule(scheduler_output)
        return scheduler_output

    def update_from_output(self, scheduler_output, model_runner_output):
        sampled_token_ids = model_runner_output.sampled_token_ids
        engine_core_outputs = self.take(sampled_token_ids)

        return engine_core_outputs
"""
AFTER = """
from vllm import envs, wheelwright_profile
from vllm.config import VllmConfig


class Scheduler:
    def schedule(self):
        # NOTE(woosuk) on the scheduling algorithm:
        profile_started = wheelwright_profile.recording.clock() if wheelwright_profile.on else 0
        scheduled_new_reqs: list[Request] = []
        preempted_reqs: list[Request] = []
        scheduler_output = SchedulerOutput(self.choose())
        with record_function_or_nullcontext("schedule: update_after_schedule"):
            self._update_after_schedule(scheduler_output)
        if wheelwright_profile.on:
            wheelwright_profile.scheduling.scheduled(
                self, scheduler_output, preempted_reqs, profile_started
            )
        return scheduler_output

    def update_from_output(self, scheduler_output, model_runner_output):
        profile_started = wheelwright_profile.recording.clock() if wheelwright_profile.on else 0
        sampled_token_ids = model_runner_output.sampled_token_ids
        engine_core_outputs = self.take(sampled_token_ids)

        if wheelwright_profile.on:
            wheelwright_profile.scheduling.updated(self, scheduler_output, profile_started)
        return engine_core_outputs
"""


@pytest.mark.parametrize("release", ["0.14.1", "0.33.0"])
def test_it_stands_at_the_beginning_and_the_end_of_both(release: str) -> None:
    assert patched(PATCH, release, MODULE, BEFORE) == dedent(AFTER)


def test_releases_before_are_left_alone() -> None:
    assert status_on(PATCH, "0.14.0") is Status.EXCLUDED


def test_two_patches_share_their_import(
    recorder: Callable[[], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = Recorded(recorder(), monkeypatch)
    engine = scheduler([PATCH, STEP_ID], "0.33.0", recorded.package)
    assert run_step(engine).profile_step_id == 0


def test_a_step_is_one_row_with_its_number(
    recorder: Callable[[], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = Recorded(recorder(), monkeypatch)
    engine = scheduler([PATCH, STEP_ID], "0.33.0", recorded.package, max_num_scheduled_tokens=10)
    engine.add_request(Request("a", 12, max_tokens=2))
    engine.add_request(Request("b", 3))
    for _ in range(4):
        run_step(engine)
    rows = recorded.rows("steps")
    figures = [
        (row["step"], row["phase"], row["scheduled_requests"], row["running"], row["waiting"])
        for row in rows
    ]
    assert figures == [
        (0, "prefill", 1, 1, 1),  # ten tokens of a
        (1, "prefill", 2, 2, 0),  # two more, and b
        (2, "decode", 1, 1, 0),
        (3, "idle", 0, 0, 0),
    ]
    assert [(row["prefill_tokens"], row["decode_tokens"]) for row in rows] == [
        (10, 0),
        (5, 0),
        (0, 1),
        (0, 0),
    ]
    assert {(row["max_running"], row["max_tokens"]) for row in rows} == {(8, 10)}


def test_what_vllm_returns_is_what_it_returned(
    recorder: Callable[[], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    on = Recorded(recorder(), monkeypatch)
    results = []
    for package in (on.package, load()):
        engine = scheduler([PATCH, STEP_ID], "0.33.0", package)
        engine.add_request(Request("a", 12, max_tokens=3))
        results.append([run_step(engine).num_scheduled_tokens for _ in range(4)])
    assert results[0] == results[1] == [{"a": 12}, {"a": 1}, {"a": 1}, {}]


def test_off_it_does_nothing() -> None:
    package = load()
    engine = scheduler([PATCH], "0.33.0", package)
    engine.add_request(Request("a", 12))
    assert run_step(engine).num_scheduled_tokens == {"a": 12}
    assert not hasattr(package, "scheduling")
