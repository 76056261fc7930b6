"""Each process says what it is, and writes what is buffered before it shuts down."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tests.transforms.platforms.excerpts import patched, status_on
from tests.transforms.platforms.profile.recorded import compiled
from transforms.engine.outcome import Status
from transforms.platforms.profile.processes import PATCH

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

RELEASES = ["0.14.1", "0.33.0"]
CORE = "vllm.v1.engine.core"
CORE_BEFORE = """
def maybe_register_config_serialize_by_value():
    pass

class EngineCore:
    def shutdown(self):
        self.structured_output_manager.clear_backend()
        if self.model_executor:
            self.model_executor.shutdown()

class EngineCoreProc:
    @staticmethod
    def run_engine_core(*args, dp_rank=0, local_dp_rank=0, **kwargs):
        maybe_register_config_serialize_by_value()

        engine_core = None

class EngineCoreActorMixin:
    def __init__(self, vllm_config, addresses, dp_rank=0, local_dp_rank=0):
        self.addresses = addresses
"""
CORE_AFTER = """
from vllm import wheelwright_profile

def maybe_register_config_serialize_by_value():
    pass

class EngineCore:
    def shutdown(self):
        if wheelwright_profile.on:
            wheelwright_profile.processes.ends()
        self.structured_output_manager.clear_backend()
        if self.model_executor:
            self.model_executor.shutdown()

class EngineCoreProc:
    @staticmethod
    def run_engine_core(*args, dp_rank=0, local_dp_rank=0, **kwargs):
        maybe_register_config_serialize_by_value()

        if wheelwright_profile.on:
            wheelwright_profile.processes.engine_core(
                kwargs["vllm_config"].parallel_config, dp_rank
            )

        engine_core = None

class EngineCoreActorMixin:
    def __init__(self, vllm_config, addresses, dp_rank=0, local_dp_rank=0):
        if wheelwright_profile.on:
            wheelwright_profile.processes.engine_core(
                vllm_config.parallel_config, dp_rank
            )
        self.addresses = addresses
"""
LLM_ENGINE = "vllm.v1.engine.llm_engine"
LLM_ENGINE_BEFORE = """
class LLMEngine:
    def __init__(self, vllm_config):
        self.vllm_config = vllm_config
"""
LLM_ENGINE_AFTER = """
from vllm import wheelwright_profile

class LLMEngine:
    def __init__(self, vllm_config):
        if wheelwright_profile.on:
            wheelwright_profile.processes.front_end()
        self.vllm_config = vllm_config
"""
WORKER = "vllm.v1.worker.worker_base"
WORKER_BEFORE = """
class WorkerBase:
    def __init__(self, vllm_config, rank):
        self.parallel_config.rank = rank
        self.rank = rank

class WorkerWrapperBase:
    def shutdown(self):
        if self.worker is not None:
            self.worker.shutdown()
"""
WORKER_AFTER = """
from vllm import wheelwright_profile

class WorkerBase:
    def __init__(self, vllm_config, rank):
        self.parallel_config.rank = rank
        self.rank = rank
        if wheelwright_profile.on:
            wheelwright_profile.processes.worker(vllm_config.parallel_config, rank)

class WorkerWrapperBase:
    def shutdown(self):
        if wheelwright_profile.on:
            wheelwright_profile.processes.ends()
        if self.worker is not None:
            self.worker.shutdown()
"""
MODULES = {
    CORE: (CORE_BEFORE, CORE_AFTER),
    LLM_ENGINE: (LLM_ENGINE_BEFORE, LLM_ENGINE_AFTER),
    WORKER: (WORKER_BEFORE, WORKER_AFTER),
}


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("module", MODULES)
def test_the_points_are_where_a_process_begins_and_ends(module: str, release: str) -> None:
    before, after = MODULES[module]
    assert patched(PATCH, release, module, before).split() == after.split()


def names(module: str, package: object) -> SimpleNamespace:
    """Give the patched names of a module."""
    return compiled([PATCH], "0.33.0", module, MODULES[module][0], package)


def config(engines: int, index: int = 0) -> SimpleNamespace:
    """Give vLLM's configuration with so many data-parallel engines, of which this is one."""
    parallel = SimpleNamespace(data_parallel_size=engines, data_parallel_index=index)
    return SimpleNamespace(parallel_config=parallel)


def worker(package: object, rank: int, engines: int = 1, index: int = 0) -> Any:  # noqa: ANN401 - it is made of a few lines
    """Make a worker in this process."""
    base = names(WORKER, package).WorkerBase
    base.parallel_config = SimpleNamespace()
    return base(config(engines, index), rank)


def streams(package: ModuleType) -> list[str]:
    """Give the names of this process's streams without its id."""
    package.recording.finish()
    folder = Path(package.recording.SETTINGS.folder)
    return sorted(path.name.rpartition("-")[0] for path in folder.glob("*-*.*"))


def test_off_asks_nothing_but_whether_it_is_on() -> None:
    off = SimpleNamespace(on=False)
    core = names(CORE, off)
    core.EngineCoreProc.run_engine_core(vllm_config=None)
    assert core.EngineCoreActorMixin(None, "addresses").addresses == "addresses"
    engine = core.EngineCore()
    engine.structured_output_manager = SimpleNamespace(clear_backend=lambda: None)
    engine.model_executor = None
    engine.shutdown()
    assert worker(off, 1).rank == 1
    assert names(LLM_ENGINE, off).LLMEngine("config").vllm_config == "config"


@pytest.mark.parametrize(
    ("engines", "dp_rank", "stream"),
    [(1, 0, "engine_core"), (2, 0, "engine_core-dp0"), (1, 3, "engine_core-dp3")],
)
def test_engine_core_has_a_rank_only_among_several(
    recorder: Callable[..., ModuleType], engines: int, dp_rank: int, stream: str
) -> None:
    package = recorder()
    core = names(CORE, package)
    core.EngineCoreProc.run_engine_core(vllm_config=config(engines), dp_rank=dp_rank)
    assert streams(package) == [stream]


def test_an_actor_is_an_engine_core(recorder: Callable[..., ModuleType]) -> None:
    package = recorder()
    names(CORE, package).EngineCoreActorMixin(config(4), "addresses", dp_rank=2)
    assert streams(package) == ["engine_core-dp2"]


def test_a_worker_of_its_own_is_named_after_its_rank(recorder: Callable[..., ModuleType]) -> None:
    package = recorder()
    worker(package, 3)
    assert package.processes.rank == 3
    assert streams(package) == ["worker-3"]


def test_a_worker_says_which_of_several_engines_it_works_for(
    recorder: Callable[..., ModuleType],
) -> None:
    package = recorder()
    worker(package, 1, engines=4, index=2)
    assert streams(package) == ["worker-dp2-1"]
    reading = importlib.import_module(f"{package.__name__}.reading")
    (stream,) = reading.read_session(package.recording.SETTINGS.folder).streams
    assert (stream.process["rank"], stream.process["dp_rank"]) == (1, 2)


def test_a_worker_inside_of_another_s_process_has_its_rank_only(
    recorder: Callable[..., ModuleType],
) -> None:
    package = recorder()
    names(LLM_ENGINE, package).LLMEngine("config")
    core = names(CORE, package)
    core.EngineCoreProc.run_engine_core(vllm_config=config(1))
    worker(package, 1)
    assert package.processes.rank == 1
    assert streams(package) == ["main"]


@pytest.mark.parametrize("kind", ["core", "worker"])
def test_rows_are_written_before_a_shutdown_that_hangs(
    recorder: Callable[..., ModuleType], monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    package = recorder()
    package.recording.record("operations", (1, 2, 3, "scope", ""))
    written: list[object] = []
    monkeypatch.setattr(package.recording, "flush", lambda: written.append("flushed"))
    monkeypatch.setattr(package.device, "finish", lambda: written.append("device"))

    def hangs() -> None:
        written.append("hangs")
        raise TimeoutError

    if kind == "core":
        ending = names(CORE, package).EngineCore()
        ending.structured_output_manager = SimpleNamespace(clear_backend=hangs)
    else:
        ending = names(WORKER, package).WorkerWrapperBase()
        ending.worker = SimpleNamespace(shutdown=hangs)
    with pytest.raises(TimeoutError):
        ending.shutdown()
    assert written == ["device", "flushed", "hangs"]


def test_releases_before_are_excluded() -> None:
    assert status_on(PATCH, "0.14.0") is Status.EXCLUDED
