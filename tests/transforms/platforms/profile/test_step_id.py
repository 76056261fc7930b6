"""A step's number travels in what the scheduler gives to the workers."""

from __future__ import annotations

import pickle
import sys
from textwrap import dedent
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING

from tests.transforms.platforms.excerpts import patched, run, status_on
from tests.transforms.platforms.profile.loaded import load
from tests.transforms.platforms.profile.recorded import Recorded, compiled
from transforms.engine.outcome import Status
from transforms.platforms.profile.step_id import PATCH

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

RELEASE = "0.33.0"
OUTPUT = "vllm.v1.core.sched.output"
SCHEDULER = "vllm.v1.core.sched.scheduler"
FIELDS = """
from dataclasses import dataclass


@dataclass
class SchedulerOutput:
    num_scheduled_tokens: dict[str, int]
    total_num_scheduled_tokens: int

    # Whether the drafter can skip proposing.
    skip_drafts: bool = False

    @classmethod
    def make_empty(cls) -> "SchedulerOutput":
        return cls(num_scheduled_tokens={}, total_num_scheduled_tokens=0)
"""
FIELDS_AFTER = FIELDS.replace(
    """    skip_drafts: bool = False
""",
    """    skip_drafts: bool = False
    profile_step_id: int = -1
    '''The step's number in its EngineCore, where profiling is on.'''
""",
)
SCHEDULE = """
from vllm.config import VllmConfig


class Scheduler:
    def schedule(self, throttle_prefills=False):
        num_scheduled_tokens = self.choose()
        scheduler_output = SchedulerOutput(
            num_scheduled_tokens=num_scheduled_tokens,
            total_num_scheduled_tokens=sum(num_scheduled_tokens.values()),
        )
        self._update_after_schedule(scheduler_output)
        return scheduler_output
"""
SCHEDULE_AFTER = """
from vllm import wheelwright_profile
from vllm.config import VllmConfig


class Scheduler:
    def schedule(self, throttle_prefills=False):
        num_scheduled_tokens = self.choose()
        scheduler_output = SchedulerOutput(
            num_scheduled_tokens=num_scheduled_tokens,
            total_num_scheduled_tokens=sum(num_scheduled_tokens.values()),
        )
        if wheelwright_profile.on:
            wheelwright_profile.scheduling.number(scheduler_output)
        self._update_after_schedule(scheduler_output)
        return scheduler_output
"""


def test_the_output_gains_a_field_and_the_scheduler_fills_it() -> None:
    assert patched(PATCH, RELEASE, OUTPUT, FIELDS) == dedent(FIELDS_AFTER)
    assert patched(PATCH, RELEASE, SCHEDULER, SCHEDULE) == dedent(SCHEDULE_AFTER)


def test_releases_before_are_left_alone() -> None:
    assert status_on(PATCH, "0.14.0") is Status.EXCLUDED


def test_what_nobody_numbered_has_no_step() -> None:
    module = run(patched(PATCH, RELEASE, OUTPUT, FIELDS), __name__=__name__)
    assert module.SchedulerOutput.make_empty().profile_step_id == -1


def _scheduler(package: ModuleType) -> SimpleNamespace:
    """Give a scheduler that schedules a token a step, and the numbers that it saw itself."""
    output = run(patched(PATCH, RELEASE, OUTPUT, FIELDS), __name__=__name__).SchedulerOutput
    text = SCHEDULE.replace("from vllm.config import VllmConfig\n", "")
    module = compiled([PATCH], RELEASE, SCHEDULER, text, package)
    seen: list[int] = []

    class Scheduler(module.Scheduler):  # type: ignore[misc, name-defined]
        def choose(self) -> dict[str, int]:
            return {"a": 1}

        def _update_after_schedule(self, output: SimpleNamespace) -> None:
            seen.append(output.profile_step_id)

    module.Scheduler.schedule.__globals__["SchedulerOutput"] = output
    return SimpleNamespace(new=Scheduler, seen=seen, output=output)


def test_steps_are_numbered_from_0_before_anything_else_sees_them(
    recorder: Callable[[], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = Recorded(recorder(), monkeypatch)
    assert recorded.package.recording.step == -1
    made = _scheduler(recorded.package)
    scheduler = made.new()
    assert [scheduler.schedule().profile_step_id for _ in range(3)] == [0, 1, 2]
    assert made.seen == [0, 1, 2]
    assert recorded.package.recording.step == 2
    # A second engine in this process writes to the same stream.
    assert made.new().schedule().profile_step_id == 3
    assert recorded.points == ["step_id.schedule"] * 4


def test_the_number_survives_the_way_to_a_worker(
    recorder: Callable[[], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = Recorded(recorder(), monkeypatch)
    made = _scheduler(recorded.package)
    scheduler = made.new()
    scheduler.schedule()
    monkeypatch.setattr(sys.modules[__name__], "SchedulerOutput", made.output, raising=False)
    sent = pickle.dumps(scheduler.schedule())
    assert pickle.loads(sent).profile_step_id == 1  # noqa: S301 - its own


def test_off_it_does_nothing() -> None:
    made = _scheduler(load())
    assert made.new().schedule().profile_step_id == -1
