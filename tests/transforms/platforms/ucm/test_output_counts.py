"""A worker drops the token that the scheduler has thrown away."""

from __future__ import annotations

import itertools
from textwrap import dedent
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from tests.transforms.platforms.excerpts import patched, run, status_on
from tests.transforms.platforms.ucm.loaded import executed, load, with_counterpart
from transforms.engine.outcome import Status
from transforms.platforms.ucm.output_counts import PATCH

if TYPE_CHECKING:
    from pathlib import Path

OUTPUT = "vllm.v1.core.sched.output"
SCHEDULER = "vllm.v1.core.sched.scheduler"
RUNNER = "vllm.v1.worker.gpu_model_runner"
FIELDS = """
from dataclasses import dataclass


@dataclass
class CachedRequestData:
    req_ids: list[str]
    num_computed_tokens: list[int]

    @property
    def num_reqs(self) -> int:
        return len(self.req_ids)
"""
FIELDS_AFTER = """
from dataclasses import dataclass, field


@dataclass
class CachedRequestData:
    req_ids: list[str]
    num_computed_tokens: list[int]
    num_output_tokens: list[int] = field(default_factory=list)

    @property
    def num_reqs(self) -> int:
        return len(self.req_ids)
"""
SCHEDULE = """
class Scheduler:
    def _make_cached_request_data(self, running_reqs, resumed_reqs):
        return CachedRequestData(
            req_ids=[req.request_id for req in itertools.chain(running_reqs, resumed_reqs)],
            num_computed_tokens=[0] * (len(running_reqs) + len(resumed_reqs)),
        )
"""
UPDATE = """
class GPUModelRunner:
    def _update_states(self, scheduler_output):
        is_last_rank = self.is_last_rank
        req_data = scheduler_output.scheduled_cached_reqs
        for i, req_id in enumerate(req_data.req_ids):
            req_state = self.requests[req_id]
            num_computed_tokens = req_data.num_computed_tokens[i]
            req_state.num_computed_tokens = num_computed_tokens
"""


def test_the_counts_have_a_field() -> None:
    for release in ("0.9.2", "0.11.0"):
        assert patched(PATCH, release, OUTPUT, FIELDS) == dedent(FIELDS_AFTER)


@pytest.mark.parametrize(
    ("asked", "last", "left"),
    [("1", True, [1, 2]), ("1", False, [1, 2, 3]), (None, True, [1, 2, 3])],
)
def test_the_last_stage_keeps_as_many_tokens_as_the_scheduler(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    asked: str | None,
    *,
    last: bool,
    left: list[int],
) -> None:
    with_counterpart(monkeypatch, tmp_path)
    package = load(monkeypatch, asked)
    data = run(patched(PATCH, "0.11.0", OUTPUT, FIELDS), __name__=__name__).CachedRequestData
    scheduler = executed(
        PATCH, "0.11.0", SCHEDULER, SCHEDULE, package, CachedRequestData=data, itertools=itertools
    ).Scheduler()
    running = SimpleNamespace(request_id="a", num_output_tokens=2)
    resumed = SimpleNamespace(request_id="b", num_output_tokens=0, num_output_placeholders=1)
    made = scheduler._make_cached_request_data([running], [resumed])
    assert made.num_output_tokens == [2, 1]

    runner = executed(PATCH, "0.11.0", RUNNER, UPDATE, package).GPUModelRunner()
    runner.is_last_rank = last
    runner.input_batch = SimpleNamespace(req_id_to_index={})
    runner.requests = {
        "a": SimpleNamespace(req_id="a", output_token_ids=[1, 2, 3]),
        "b": SimpleNamespace(req_id="b", output_token_ids=[]),
    }
    runner._update_states(SimpleNamespace(scheduled_cached_reqs=made))
    assert runner.requests["a"].output_token_ids == left
    assert runner.requests["b"].output_token_ids == []


def test_it_ends_where_upstream_has_it() -> None:
    assert status_on(PATCH, "0.11.1") is Status.EXCLUDED
