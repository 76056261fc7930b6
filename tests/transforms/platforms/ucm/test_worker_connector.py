"""Each worker's UCM connector is handed the plan before the step is computed."""

from __future__ import annotations

from textwrap import dedent
from types import SimpleNamespace
from typing import TYPE_CHECKING

from tests.transforms.platforms.excerpts import patched, status_on
from tests.transforms.platforms.ucm.loaded import executed, load, with_counterpart
from transforms.engine.outcome import Status
from transforms.platforms.ucm.worker_connector import PATCH

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

MODULE = "vllm.v1.worker.gpu_worker"
BEFORE = """
class Worker:
    def execute_model(self, scheduler_output):
        intermediate_tensors = None
        return self.model_runner.execute_model(scheduler_output, intermediate_tensors)
"""
AFTER = """
from vllm import wheelwright_ucm


class Worker:
    def execute_model(self, scheduler_output):
        intermediate_tensors = None
        if wheelwright_ucm.on:
            wheelwright_ucm.steps.received(self, scheduler_output)
        return self.model_runner.execute_model(scheduler_output, intermediate_tensors)
"""
COUNTERPART = """
class Connector:
    def bind_connector_metadata(self, meta):
        meta.append("bound")

create_ucm_connector = Connector
"""


def test_the_point_stands_before_the_model() -> None:
    for release in ("0.9.2", "0.33.0"):
        assert patched(PATCH, release, MODULE, BEFORE) == dedent(AFTER)


def _run(package: object) -> list[str]:
    said: list[str] = []
    worker = executed(PATCH, "0.33.0", MODULE, BEFORE, package).Worker()
    worker.model_runner = SimpleNamespace(execute_model=lambda *_: said.append("computed"))
    output = SimpleNamespace(ucm_connector_meta=said, ucm_failed_recving=frozenset())
    worker.execute_model(output)
    return said


def test_the_plan_is_there_when_the_model_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with_counterpart(monkeypatch, tmp_path, COUNTERPART)
    assert _run(load(monkeypatch, "1")) == ["bound", "computed"]
    assert _run(load(monkeypatch)) == ["computed"]


def test_it_is_not_for_releases_before() -> None:
    assert status_on(PATCH, "0.9.1") is Status.EXCLUDED
