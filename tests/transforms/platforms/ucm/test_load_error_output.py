"""Failed loads reach the scheduler from every rank, and from every pipeline stage."""

from __future__ import annotations

from textwrap import dedent
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from tests.transforms.platforms.excerpts import patched, run, status_on
from tests.transforms.platforms.ucm.loaded import executed, load
from transforms.engine.outcome import Status
from transforms.platforms.ucm.load_error_output import PATCH

if TYPE_CHECKING:
    from collections.abc import Iterable

OUTPUTS = "vllm.v1.outputs"
UTILS = "vllm.distributed.kv_transfer.kv_connector.utils"
WORKER = "vllm.v1.worker.gpu_worker"
FIELDS = """
from dataclasses import dataclass
from typing import Optional


@dataclass
class KVConnectorOutput:
    finished_sending: Optional[set[str]] = None
    finished_recving: Optional[set[str]] = None
    kv_connector_stats: Optional[object] = None

    def is_empty(self):
        return (not self.finished_sending
                and not self.finished_recving
                and not self.kv_connector_stats)
"""
FIELDS_AFTER = """
from dataclasses import dataclass, field
from typing import Optional


@dataclass
class KVConnectorOutput:
    finished_sending: Optional[set[str]] = None
    finished_recving: Optional[set[str]] = None
    kv_connector_stats: Optional[object] = None
    invalid_block_ids: set[int] = field(default_factory=set)

    def is_empty(self):
        return (not self.finished_sending
                and (not self.finished_recving and not self.invalid_block_ids)
                and not self.kv_connector_stats)
"""
BEFORE_0_10_1 = """
from dataclasses import dataclass
from typing import Optional


@dataclass
class ModelRunnerOutput:
    req_ids: list[str]
    finished_sending: Optional[set[str]] = None
    finished_recving: Optional[set[str]] = None
    num_nans_in_logits: Optional[dict[str, int]] = None
"""
AGGREGATE = """
class KVOutputAggregator:
    def aggregate(self, outputs, output_rank=0):
        output = outputs[output_rank]
        output.kv_connector_output = KVConnectorOutput(
            finished_sending=None,
            finished_recving=None,
        )
        return output
"""
AGGREGATE_0_10_0 = """
class KVOutputAggregator:
    def aggregate(self, outputs, output_rank=0):
        for output in outputs:
            pass
        output = outputs[output_rank]
        output.finished_recving = None
        return output
"""
STAGE = """
class Worker:
    def execute_model(self, scheduler_output):
        kv_connector_output = self.output
        if (not kv_connector_output.finished_sending
                and not kv_connector_output.finished_recving):
            return "empty"
        return kv_connector_output
"""
STAGE_0_10_0 = """
class Worker:
    def execute_model(self, scheduler_output):
        output = self.output
        new_output = EMPTY_MODEL_RUNNER_OUTPUT
        if output.finished_sending or output.finished_recving:
            new_output = copy.copy(new_output)
            new_output.finished_sending = output.finished_sending
            new_output.finished_recving = output.finished_recving
        return new_output
"""


def test_what_a_connector_reports_has_a_field() -> None:
    text = patched(PATCH, "0.11.0", OUTPUTS, FIELDS)
    assert text == dedent(FIELDS_AFTER)
    output = run(text, __name__=__name__).KVConnectorOutput
    assert output().is_empty()
    assert not output(invalid_block_ids={1}).is_empty()


def test_before_0_10_1_the_runners_output_has_it() -> None:
    for release in ("0.9.2", "0.10.0"):
        text = patched(PATCH, release, OUTPUTS, BEFORE_0_10_1)
        assert run(text, __name__=__name__).ModelRunnerOutput([]).invalid_block_ids is None


@pytest.mark.parametrize("release", ["0.10.1", "0.11.0"])
def test_all_ranks_failures_are_joined(monkeypatch: pytest.MonkeyPatch, release: str) -> None:
    package = load(monkeypatch)
    names = executed(PATCH, release, UTILS, AGGREGATE, package, KVConnectorOutput=SimpleNamespace)
    outputs = [
        SimpleNamespace(kv_connector_output=item and SimpleNamespace(invalid_block_ids=item))
        for item in ({1, 2}, None, {2, 5})
    ]
    joined = names.KVOutputAggregator().aggregate(outputs, 1)
    assert joined is outputs[1]
    assert joined.kv_connector_output.invalid_block_ids == {1, 2, 5}


@pytest.mark.parametrize(("reported", "joined"), [([{1}, None, {2}], {1, 2}), ([None, None], None)])
def test_all_ranks_failures_are_joined_on_0_10_0(
    monkeypatch: pytest.MonkeyPatch, reported: Iterable[set[int] | None], joined: set[int] | None
) -> None:
    names = executed(PATCH, "0.10.0", UTILS, AGGREGATE_0_10_0, load(monkeypatch))
    outputs = [SimpleNamespace(invalid_block_ids=item) for item in reported]
    assert names.KVOutputAggregator().aggregate(outputs).invalid_block_ids == joined


def _output(**said: object) -> SimpleNamespace:
    empty = {"finished_sending": None, "finished_recving": None, "invalid_block_ids": None}
    return SimpleNamespace(**{**empty, **said})


@pytest.mark.parametrize("release", ["0.10.1", "0.10.2", "0.11.0"])
def test_a_stage_passes_on_failures_alone(release: str) -> None:
    worker = run(patched(PATCH, release, WORKER, STAGE)).Worker()
    worker.output = _output()
    assert worker.execute_model(None) == "empty"
    worker.output = _output(invalid_block_ids={1})
    assert worker.execute_model(None) is worker.output


def test_a_stage_passes_on_failures_alone_on_0_10_0() -> None:
    text = patched(PATCH, "0.10.0", WORKER, STAGE_0_10_0)
    copied = SimpleNamespace(copy=lambda item: SimpleNamespace(**vars(item)))
    worker = run(text, EMPTY_MODEL_RUNNER_OUTPUT=_output(), copy=copied).Worker()
    for said in ({}, {"invalid_block_ids": {1}}, {"finished_recving": {"a"}}):
        worker.output = _output(**said)
        assert worker.execute_model(None) == worker.output


def test_it_ends_where_upstream_has_it() -> None:
    assert status_on(PATCH, "0.11.1") is Status.EXCLUDED
