"""UCM prepares each step as soon as its metadata are there, and is called around the model."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.transforms.platforms.excerpts import patched, run
from tests.transforms.platforms.ucm_sparse.loaded import Loaded, off, switched_on, without_imports
from transforms.platforms.ucm_sparse.runner_execute import PATCH

MODULE = "vllm.v1.worker.gpu_model_runner"
BEFORE = """
import time


class GPUModelRunner:
    def execute_model(self, scheduler_output):
        {metadata}
        with context():
            model_output = {forward}(input_ids=1)
        return model_output, logits_indices
"""
OLD = {
    "metadata": "attn_metadata, logits_indices = self._prepare_inputs(scheduler_output)",
    "forward": "self.model",
}
NEW = {
    "metadata": "logits_indices = 'indices'\n        attn_metadata, drafts = "
    "self._build_attention_metadata(num_reqs=1)",
    "forward": "self._model_forward",
}
RELEASES = {"0.9.2": OLD, "0.11.0": OLD, "0.11.1": NEW, "0.33.0": NEW}


class Context:
    """The forward context of a step."""

    def __init__(self, log: list[Any]) -> None:
        """Note when it is entered."""
        self.log = log

    def __enter__(self) -> None:
        """Begin the forward pass."""
        self.log.append(("context",))

    def __exit__(self, *_: object) -> None:
        """End it."""
        self.log.append(("left",))


def _step(release: str, package: object, log: list[Any]) -> Any:
    text = without_imports(patched(PATCH, release, MODULE, BEFORE.format(**RELEASES[release])))
    module = run(text, wheelwright_ucm_sparse=package, context=lambda: Context(log))

    def forward(**_: object) -> str:
        log.append(("forward",))
        return "output"

    runner = SimpleNamespace(
        requests="requests",
        input_batch="batch",
        model=forward,
        _model_forward=forward,
        _prepare_inputs=lambda _: ("metadata", "indices"),
        _build_attention_metadata=lambda **_: ("metadata", None),
    )
    return module.GPUModelRunner.execute_model(runner, "step")


@pytest.mark.parametrize("release", RELEASES)
def test_the_points_are_called_in_order(release: str, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = switched_on(monkeypatch)
    agent = loaded.start()
    assert _step(release, loaded.package, agent.calls) == ("output", "indices of UCM")
    # What UCM's methods read of the forward context is there when the model begins and ends.
    assert agent.calls == [
        ("build_meta", "step", "requests", "batch", "metadata"),
        ("context",),
        ("execute_begin", "step"),
        ("forward",),
        ("execute_finished", "indices"),
        ("left",),
    ]


@pytest.mark.parametrize("release", RELEASES)
def test_nothing_is_called_where_it_is_off(release: str, monkeypatch: pytest.MonkeyPatch) -> None:
    log: list[Any] = []
    assert _step(release, off(monkeypatch), log) == ("output", "indices")
    assert log == [("context",), ("forward",), ("left",)]


def test_nothing_is_called_without_a_sparse_method(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: Loaded = switched_on(monkeypatch)
    assert loaded.start(sparse=False) is None
    log: list[Any] = []
    assert _step("0.33.0", loaded.package, log) == ("output", "indices")


def test_a_connector_that_wants_the_model_gets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = switched_on(monkeypatch)
    agent = loaded.start()
    transfer = loaded.modules["vllm.distributed.kv_transfer"]
    connector = SimpleNamespace(setup_model=lambda model: agent.calls.append(("model", model)))
    monkeypatch.setattr(transfer, "has_kv_transfer_group", lambda: True)
    monkeypatch.setattr(transfer, "get_kv_transfer_group", lambda: connector)
    loaded.package.runner.execute_begins(SimpleNamespace(model="the model"), "step")
    assert agent.calls == [("model", "the model"), ("execute_begin", "step")]
