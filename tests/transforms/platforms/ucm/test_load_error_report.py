"""A worker asks its connector after each step, where UCM is on."""

from __future__ import annotations

from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tests.transforms.platforms.excerpts import status_on
from tests.transforms.platforms.ucm.loaded import executed, load, with_counterpart
from transforms.engine.outcome import Status
from transforms.platforms.ucm.load_error_report import PATCH

if TYPE_CHECKING:
    from pathlib import Path

MIXIN = "vllm.v1.worker.kv_connector_model_runner_mixin"
RUNNER = "vllm.v1.worker.gpu_model_runner"
IN_MIXIN = """
class KVConnectorModelRunnerMixin:
    @staticmethod
    def kv_connector_no_forward(scheduler_output, vllm_config):
        with KVConnectorModelRunnerMixin._get_kv_connector_output(
                scheduler_output) as kv_connector_output:
            pass
        if (not kv_connector_output.finished_sending
                and not kv_connector_output.finished_recving):
            return "empty"
        return kv_connector_output

    @staticmethod
    @contextmanager
    def _get_kv_connector_output(scheduler_output):
        output = new_output()
        kv_connector = get_kv_transfer_group()
        try:
            yield output
        finally:
            output.finished_sending, output.finished_recving = (
                kv_connector.get_finished(scheduler_output.finished_req_ids))
"""
IN_RUNNER = """
class GPUModelRunner:
    def _pool(self):
        return ModelRunnerOutput(req_ids=[])

    def execute_model(self, scheduler_output):
        finished_sending, finished_recving = (
            self.get_finished_kv_transfers(scheduler_output))
        if self.is_early_stage:
            hidden_states = SimpleNamespace()
            if finished_sending or finished_recving:
                hidden_states.finished_sending = finished_sending
                hidden_states.finished_recving = finished_recving
            return hidden_states
        if self.pooling:
            return self._pool()
        return ModelRunnerOutput(req_ids=[])

    def kv_connector_no_forward(self, scheduler_output):
        finished_sending, finished_recving = (
            self.get_finished_kv_transfers(scheduler_output))
        if not finished_sending and not finished_recving:
            return "empty"
        output = ModelRunnerOutput(req_ids=[], invalid_block_ids=None)
        output.finished_sending = finished_sending
        output.finished_recving = finished_recving
        return output

    def get_finished_kv_transfers(self, scheduler_output):
        return None, None
"""
CASES = [("1", {4}), ("1", set()), (None, {4})]


def _connector(failed: set[int]) -> SimpleNamespace:
    return SimpleNamespace(
        get_finished=lambda _: (None, None), get_block_ids_with_load_errors=lambda: failed
    )


@pytest.mark.parametrize("release", ["0.10.1", "0.11.0"])
@pytest.mark.parametrize(("asked", "failed"), CASES)
def test_a_step_without_a_forward_pass_reports_failures(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    release: str,
    asked: str | None,
    failed: set[int],
) -> None:
    with_counterpart(monkeypatch, tmp_path)
    names = executed(
        PATCH,
        release,
        MIXIN,
        IN_MIXIN,
        load(monkeypatch, asked),
        contextmanager=contextmanager,
        new_output=lambda: SimpleNamespace(invalid_block_ids=set()),
        get_kv_transfer_group=lambda: _connector(failed),
    )
    step = SimpleNamespace(finished_req_ids=set())
    made = names.KVConnectorModelRunnerMixin.kv_connector_no_forward(step, None)
    if asked and failed:
        assert made.invalid_block_ids == failed
    else:
        assert made == "empty"


@pytest.fixture(params=CASES)
def runner(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> tuple[Any, set[int] | None]:
    """Give a runner of 0.10.0, and the blocks that it must report."""
    asked, failed = request.param
    with_counterpart(monkeypatch, tmp_path)
    names = executed(
        PATCH,
        "0.10.0",
        RUNNER,
        IN_RUNNER,
        load(monkeypatch, asked),
        ModelRunnerOutput=SimpleNamespace,
        SimpleNamespace=SimpleNamespace,
        has_kv_transfer_group=lambda: True,
        get_kv_transfer_group=lambda: _connector(failed),
    )
    return names.GPUModelRunner(), failed if asked else None


def test_before_0_10_1_the_runner_reports(runner: tuple[Any, set[int] | None]) -> None:
    made, failed = runner
    made.is_early_stage = True
    assert getattr(made.execute_model(None), "invalid_block_ids", None) == (failed or None)
    made.is_early_stage = made.pooling = False
    assert made.execute_model(None).invalid_block_ids == failed
    made.pooling = True
    assert made.execute_model(None).invalid_block_ids == failed
    idle = made.kv_connector_no_forward(None)
    assert (idle.invalid_block_ids if failed else idle) == (failed or "empty")


def test_it_ends_where_upstream_has_it() -> None:
    assert status_on(PATCH, "0.11.1") is Status.EXCLUDED
