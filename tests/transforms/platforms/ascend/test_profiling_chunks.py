"""EngineCore profiles chunks once it has an executor, if its scheduler wants that."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tests.transforms.platforms.excerpts import patched, run, status_on
from transforms.engine.outcome import Status
from transforms.platforms.ascend.profiling_chunks import PATCH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

RELEASES = ("0.23.0", "0.33.0")
MODULE = "vllm.v1.engine.core"
BEFORE = """
class EngineCore:
    def __init__(self, vllm_config, executor_class, log_stats=False):
        self.model_executor = executor_class()
        self.scheduler = vllm_config.scheduler


class EngineCoreProc(EngineCore):
    def __init__(self, vllm_config, **kwargs):
        super().__init__(vllm_config, **kwargs)
"""
ONCE = ["profiled with executor", "update_from_output of s", "schedule of s"]
PLUGIN = "vllm_ascend.patch.platform.patch_profiling_chunk"
# As the plugin's own, which patches when it is imported.
PATCHES = """
import sys

core, noted = sys.modules["vllm.v1.engine.core"], sys.modules["vllm_ascend"].noted


def _ensure_update_from_output_wrapped(scheduler):
    noted.append(f"update_from_output of {scheduler.name}")


def _ensure_schedule_wrapped(scheduler):
    noted.append(f"schedule of {scheduler.name}")


def _patched(self, *args, **kwargs):
    original(self, *args, **kwargs)
    if hasattr(self.scheduler, "run_profiling_chunk_init"):
        noted.append("the plugin's")
        self.scheduler.run_profiling_chunk_init(self.model_executor)
    _ensure_update_from_output_wrapped(self.scheduler)
    _ensure_schedule_wrapped(self.scheduler)


original = core.EngineCore.__init__
core.EngineCore.__init__ = _patched
"""


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[str]]:
    """Put the plugin's module where it can be imported; what is called in it notes that."""
    noted: list[str] = []
    parts = PLUGIN.split(".")
    for depth in range(1, len(parts)):
        module = ModuleType(".".join(parts[:depth]))
        vars(module)["__path__"] = [str(tmp_path)]
        monkeypatch.setitem(sys.modules, module.__name__, module)
    vars(sys.modules["vllm_ascend"])["noted"] = noted
    (tmp_path / f"{parts[-1]}.py").write_text(PATCHES)
    yield noted
    sys.modules.pop(PLUGIN, None)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """Give the names of a release's module, which can be imported."""

    def made(release: str) -> SimpleNamespace:
        text = patched(PATCH, release, MODULE, BEFORE)
        names = run(text, logger=SimpleNamespace(info=lambda _: None))
        monkeypatch.setitem(sys.modules, MODULE, names)
        return names

    return made


def _config(noted: list[str]) -> SimpleNamespace:
    def run_profiling_chunk_init(executor: str) -> None:
        noted.append(f"profiled with {executor}")

    return SimpleNamespace(
        scheduler=SimpleNamespace(name="s", run_profiling_chunk_init=run_profiling_chunk_init)
    )


def test_releases_before_are_left_alone() -> None:
    assert status_on(PATCH, "0.22.1") is Status.EXCLUDED


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("kind", ["EngineCore", "EngineCoreProc"])
def test_any_engine_core_profiles_at_the_end_of_its_making(
    calls: list[str], names: Callable[[str], Any], release: str, kind: str
) -> None:
    core = getattr(names(release), kind)
    core(_config(calls), executor_class=lambda: "executor")
    assert calls == ONCE


@pytest.mark.parametrize("release", RELEASES)
def test_upstreams_schedulers_are_not_asked(names: Callable[[str], Any], release: str) -> None:
    config = SimpleNamespace(scheduler=SimpleNamespace())
    made = names(release).EngineCoreProc(config, executor_class=lambda: "executor")
    assert vars(made) == {"model_executor": "executor", "scheduler": config.scheduler}
    assert PLUGIN not in sys.modules


def test_a_plugin_that_has_wrapped_it_already_does_it_alone(
    calls: list[str], names: Callable[[str], Any]
) -> None:
    core = names("0.23.0").EngineCoreProc
    importlib.import_module(PLUGIN)
    core(_config(calls), executor_class=lambda: "executor")
    assert calls == ["the plugin's", *ONCE]


def test_a_plugin_that_wraps_it_meanwhile_does_it_from_then_on(
    calls: list[str], names: Callable[[str], Any]
) -> None:
    """A worker in this process may make a configuration, for which the plugin imports it."""
    core = names("0.23.0").EngineCoreProc

    def executor() -> str:
        importlib.import_module(PLUGIN)
        return "executor"

    core(_config(calls), executor_class=executor)
    assert calls == ONCE
    core(_config(calls), executor_class=lambda: "executor")
    assert calls == [*ONCE, "the plugin's", *ONCE]


def test_a_tracer_around_it_changes_nothing(calls: list[str], names: Callable[[str], Any]) -> None:
    core = names("0.23.0").EngineCore
    inner = core.__init__

    def traced(self: object, *args: object, **kwargs: object) -> None:
        inner(self, *args, **kwargs)

    core.__init__ = traced
    core(_config(calls), executor_class=lambda: "executor")
    assert calls == ONCE
