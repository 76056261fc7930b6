"""The scheduler asks UCM's connector before a step, and tells it of the step after."""

from __future__ import annotations

from textwrap import dedent
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tests.transforms.platforms.excerpts import patched, status_on
from tests.transforms.platforms.ucm.loaded import executed, load, with_counterpart
from transforms.engine.outcome import Status
from transforms.platforms.ucm.scheduler_connector import PATCH

if TYPE_CHECKING:
    from pathlib import Path

MODULE = "vllm.v1.core.sched.scheduler"
BEFORE = """
from __future__ import annotations


class Scheduler:
    def __init__(self):
        self.connector = KVConnector()
        self.finished_recving_kv_req_ids: set[str] = set()
        self.failed_recving_kv_req_ids: set[str] = {"bad"}
        self.waiting = waiting

    def schedule(self):
        scheduled_new_reqs: list[Request] = []
        scheduled_resumed_reqs: list[Request] = []
        self.failed_recving_kv_req_ids.clear()
        scheduler_output = SchedulerOutput()
        self._update_after_schedule(scheduler_output)
        return scheduler_output

    def update_from_output(self, failed):
        failed_kv_load_req_ids = self._handle_invalid_blocks(failed)
        stopped_running_reqs: set[Request] = set()

    def _update_after_schedule(self, output):
        seen.append((output.ucm_connector_meta, output.ucm_failed_recving))

    def _handle_invalid_blocks(self, failed):
        return failed
"""
AFTER = """
from __future__ import annotations

from vllm import wheelwright_ucm


class Scheduler:
    def __init__(self):
        self.connector = KVConnector()
        self.ucm_connector = (
            wheelwright_ucm.counterpart.create_connector() if wheelwright_ucm.on else None
        )
        self.finished_recving_kv_req_ids: set[str] = set()
        self.failed_recving_kv_req_ids: set[str] = {"bad"}
        self.waiting = waiting

    def schedule(self):
        scheduled_new_reqs: list[Request] = []
        ucm_failed_recving: frozenset[str] = frozenset()
        if wheelwright_ucm.on:
            ucm_failed_recving = wheelwright_ucm.steps.before(self)
        scheduled_resumed_reqs: list[Request] = []
        self.failed_recving_kv_req_ids.clear()
        scheduler_output = SchedulerOutput()
        if wheelwright_ucm.on:
            wheelwright_ucm.steps.after(self, scheduler_output, ucm_failed_recving)
        self._update_after_schedule(scheduler_output)
        return scheduler_output

    def update_from_output(self, failed):
        failed_kv_load_req_ids = self._handle_invalid_blocks(failed)
        if wheelwright_ucm.on and failed_kv_load_req_ids:
            wheelwright_ucm.recovery.forget(self.connector, failed_kv_load_req_ids)
        stopped_running_reqs: set[Request] = set()

    def _update_after_schedule(self, output):
        seen.append((output.ucm_connector_meta, output.ucm_failed_recving))

    def _handle_invalid_blocks(self, failed):
        return failed
"""
COUNTERPART = """
class Connector:
    def get_num_new_matched_tokens(self, request):
        return 5

    def build_connector_meta(self, output):
        return "plan"

create_ucm_connector = Connector
"""


def _engine(package: object) -> tuple[Any, list[object], list[SimpleNamespace]]:
    """Give a scheduler, what its own code saw of each step, and the requests that wait."""
    seen: list[object] = []
    waiting = [SimpleNamespace(), SimpleNamespace()]
    empty: dict[str, object] = {"ucm_connector_meta": None, "ucm_failed_recving": frozenset()}
    names = executed(
        PATCH,
        "0.33.0",
        MODULE,
        BEFORE,
        package,
        seen=seen,
        waiting=waiting,
        KVConnector=lambda: SimpleNamespace(requests_meta={"a": 1, "b": 2}),
        SchedulerOutput=lambda: SimpleNamespace(**empty),
    )
    return names.Scheduler(), seen, waiting


def test_the_points_stand_where_a_step_begins_and_ends() -> None:
    assert patched(PATCH, "0.33.0", MODULE, BEFORE) == dedent(AFTER)


def test_before_0_11_1_another_patch_tells_of_requests_that_begin_again() -> None:
    text = patched(PATCH, "0.11.0", MODULE, BEFORE)
    assert "steps.after" in text
    assert "recovery.forget" not in text


def test_a_step_is_planned_before_anything_else_sees_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with_counterpart(monkeypatch, tmp_path, COUNTERPART)
    scheduler, seen, waiting = _engine(load(monkeypatch, "1"))
    scheduler.schedule()
    scheduler.schedule()
    # That a request had failed is known in the step that takes it up, and not in the next.
    assert seen == [("plan", frozenset({"bad"})), ("plan", frozenset())]
    assert [request.ucm_matched_tokens for request in waiting] == [5, 5]


def test_a_request_that_is_computed_again_is_forgotten(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with_counterpart(monkeypatch, tmp_path, COUNTERPART)
    scheduler, _, _ = _engine(load(monkeypatch, "1"))
    scheduler.update_from_output({"b"})
    assert scheduler.connector.requests_meta == {"a": 1}


@pytest.mark.parametrize("asked", [None, "0", "1"])
def test_without_ucm_a_step_is_upstreams(
    monkeypatch: pytest.MonkeyPatch, asked: str | None
) -> None:
    scheduler, seen, waiting = _engine(load(monkeypatch, asked))
    scheduler.schedule()
    scheduler.update_from_output({"b"})
    assert scheduler.ucm_connector is None
    assert seen == [(None, frozenset())]
    assert not any(vars(request) for request in waiting)
    assert scheduler.connector.requests_meta == {"a": 1, "b": 2}


def test_it_is_not_for_releases_before() -> None:
    assert status_on(PATCH, "0.9.1") is Status.EXCLUDED
