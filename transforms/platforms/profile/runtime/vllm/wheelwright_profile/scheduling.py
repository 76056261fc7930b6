# SPDX-License-Identifier: Apache-2.0
"""The steps: points of `Scheduler.schedule` and `update_from_output`, in EngineCore.

A step is one call of `schedule`, and its id the number of such calls before it in this process. The
id travels to the workers in `SchedulerOutput.profile_step_id`, so that their rows join the
scheduler's. A row of `steps` is made when a step is scheduled, not when it has run: with
asynchronous scheduling the next one is scheduled while it runs.

A request's tokens of a step are prefill where the first of them is one of its prompt, or one that
was computed before and lost (a resumed request computes its output again, too); all others are
decode. So `prefill_tokens + decode_tokens == scheduled_tokens`. `requests` says what these sum up
to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from . import blocks, recording

if TYPE_CHECKING:
    from collections.abc import Mapping, Sized


class Output(Protocol):
    """What is used of a `SchedulerOutput`."""

    profile_step_id: int
    num_scheduled_tokens: Mapping[str, int]
    total_num_scheduled_tokens: int


class Request(Protocol):
    """What is used of a `Request`."""

    num_prompt_tokens: int
    num_computed_tokens: int

    @property
    def num_tokens(self) -> int:
        """How many tokens are known: those of the prompt, and those generated."""


class Manager(Protocol):
    """What is used of a `KVCacheManager`."""

    block_pool: blocks.Pool


class Scheduler(Protocol):
    """What is used of a `Scheduler`."""

    requests: Mapping[str, Request]
    kv_cache_manager: Manager
    max_num_running_reqs: int
    max_num_scheduled_tokens: int

    def get_request_counts(self) -> tuple[int, int]:
        """Give how many requests run and how many wait."""

    def has_unfinished_requests(self) -> bool:
        """Tell whether any request runs or waits."""


_next = 0


def next_step() -> int:
    """Give the id of the step that is being scheduled, or will be next."""
    return _next


def last_step() -> int:
    """Give the id of the last step that was scheduled; -1 before the first."""
    return _next - 1


@recording.point("step_id.schedule")
def number(output: Output) -> None:
    """Give a step its id: where `schedule` has made its output."""
    global _next
    output.profile_step_id = recording.step = _next
    _next += 1


@recording.point("scheduler.schedule")
def scheduled(scheduler: Scheduler, output: Output, preempted: Sized, started: int) -> None:
    """Record a step: at the end of `schedule`.

    Args:
        scheduler: the scheduler; its requests have been advanced by what was scheduled.
        output: what goes to the workers.
        preempted: the requests that were preempted for it.
        started: the clock when `schedule` began.
    """
    duration = recording.clock() - started
    now = recording.now()
    step = output.profile_step_id
    total = output.total_num_scheduled_tokens
    prefill = _prefill_tokens(scheduler.requests, output.num_scheduled_tokens)
    phase = _phase(prefill, total - prefill)
    running, waiting = scheduler.get_request_counts()
    row = (
        now,
        step,
        duration,
        phase,
        len(output.num_scheduled_tokens),
        running,
        waiting,
        scheduler.max_num_running_reqs,
        total,
        scheduler.max_num_scheduled_tokens,
        prefill,
        total - prefill,
        len(preempted),
        *blocks.figures(scheduler.kv_cache_manager.block_pool, step),
    )
    recording.record("steps", row)
    recording.record("operations", (now - duration, step, duration, "schedule", phase))


@recording.point("scheduler.update_from_output")
def updated(scheduler: Scheduler, output: Output, started: int) -> None:
    """Record how long a step's results took: at the end of `update_from_output`.

    Where nothing is left to do, what is recorded is written: who has the answers may end the
    engine.

    Args:
        scheduler: the scheduler.
        output: the step that the results are of.
        started: the clock when `update_from_output` began.
    """
    duration = recording.clock() - started
    began = recording.now() - duration
    row = began, output.profile_step_id, duration, "update_from_output", ""
    recording.record("operations", row)
    if not scheduler.has_unfinished_requests():
        recording.flush_soon()


def _prefill_tokens(requests: Mapping[str, Request], tokens: Mapping[str, int]) -> int:
    prefill = 0
    for name, count in tokens.items():
        request = requests[name]
        first = request.num_computed_tokens - count
        if first < request.num_prompt_tokens or first < request.num_tokens - 1:
            prefill += count
    return prefill


def _phase(prefill: int, decode: int) -> str:
    if prefill:
        return "mixed" if decode else "prefill"
    return "decode" if decode else "idle"
