"""Each worker makes UCM's agent when its KV connector is there, or says why it cannot."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.transforms.platforms.excerpts import patched, run
from tests.transforms.platforms.ucm_sparse.loaded import off, switched_on, without_imports
from tests.transforms.platforms.ucm_sparse.stand_ins import LayerAgent, config
from transforms.platforms.ucm_sparse.worker import PATCH

MODULE = "vllm.v1.worker.gpu_worker"
BEFORE = """
import time


class Worker:
    def initialize_from_config(self, kv_cache_config):
        {late}


def init_worker_distributed_environment(vllm_config):
    {early}
"""
OLD = {"late": "pass", "early": "ensure_kv_transfer_initialized(vllm_config)"}
NEW = {
    "late": "ensure_kv_transfer_initialized(self.vllm_config, kv_cache_config)",
    "early": "pass",
}
RELEASES = {"0.9.2": OLD, "0.11.0": OLD, "0.11.1": NEW, "0.33.0": NEW}


def _start(release: str, package: Any, **options: Any) -> list[str]:
    text = without_imports(patched(PATCH, release, MODULE, BEFORE.format(**RELEASES[release])))
    log: list[str] = []
    module = run(
        text,
        wheelwright_ucm_sparse=package,
        ensure_kv_transfer_initialized=lambda *_: log.append("connector"),
    )
    vllm_config = config(**options)
    module.init_worker_distributed_environment(vllm_config)
    module.Worker.initialize_from_config(SimpleNamespace(vllm_config=vllm_config), None)
    if package.on and package.agents.current is not None:
        log.append(package.agents.current.role)
    return log


@pytest.mark.parametrize("release", RELEASES)
def test_the_agent_is_made_behind_the_connector(
    release: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _start(release, switched_on(monkeypatch).package) == ["connector", "WORKER"]


@pytest.mark.parametrize("release", RELEASES)
def test_none_is_made_where_it_is_off_or_no_method_is_configured(
    release: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _start(release, off(monkeypatch)) == ["connector"]
    assert _start(release, switched_on(monkeypatch).package, sparse=False) == ["connector"]


def test_model_runner_v2_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    package = switched_on(monkeypatch).package
    with pytest.raises(RuntimeError, match="VLLM_USE_V2_MODEL_RUNNER=0"):
        _start("0.33.0", package, use_v2_model_runner=True)


def test_older_releases_say_it_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = switched_on(monkeypatch)
    monkeypatch.setattr(
        loaded.modules["vllm.envs"], "VLLM_USE_V2_MODEL_RUNNER", True, raising=False
    )
    with pytest.raises(RuntimeError, match="model runner V2"):
        _start("0.11.1", loaded.package)
    # Without an agent it is no matter.
    monkeypatch.setattr(loaded.package.agents, "_start", lambda *_: None)
    loaded.package.agents.start_worker(config())


def test_a_method_between_layers_needs_an_eager_model(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = switched_on(monkeypatch, LayerAgent)
    with pytest.raises(RuntimeError, match=r"LayerAgent acts between layers.*enforce_eager"):
        loaded.start()
    eager = config()
    eager.model_config.enforce_eager = True
    loaded.package.agents.start_worker(eager)


@pytest.mark.parametrize(
    "graphs",
    [
        {"cudagraph_mode": SimpleNamespace(has_full_cudagraphs=lambda: True)},
        {"full_cuda_graph": True},
    ],
)
def test_full_graphs_are_refused_since_they_replay_attention_without_ucm(
    graphs: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = switched_on(monkeypatch)
    vllm_config = config()
    vars(vllm_config.compilation_config).update(graphs)
    with pytest.raises(RuntimeError, match="cudagraph_mode PIECEWISE"):
        loaded.package.agents.start_worker(vllm_config)
    vllm_config.model_config.enforce_eager = True
    loaded.package.agents.start_worker(vllm_config)


@pytest.mark.parametrize(
    "graphs",
    [
        {"cudagraph_mode": SimpleNamespace(has_full_cudagraphs=lambda: False)},
        {"full_cuda_graph": False},
    ],
)
def test_piecewise_graphs_leave_attention_to_python(
    graphs: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = switched_on(monkeypatch)
    vllm_config = config()
    vars(vllm_config.compilation_config).update(graphs)
    loaded.package.agents.start_worker(vllm_config)
    assert loaded.package.agents.current.role == "WORKER"
