"""EngineCore profiles chunks once it has an executor, if its scheduler wants that."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from tests.transforms.platforms.excerpts import patched, run, status_on
from transforms.engine.outcome import Status
from transforms.platforms.ascend.profiling_chunks import PATCH

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
PLUGIN = "vllm_ascend.patch.platform.patch_profiling_chunk"


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Put the plugin's module where it is imported from; what is called in it notes that."""
    noted: list[str] = []
    parts = PLUGIN.split(".")
    for depth in range(1, len(parts) + 1):
        module = ModuleType(".".join(parts[:depth]))
        monkeypatch.setitem(sys.modules, module.__name__, module)
    for name in ("_ensure_update_from_output_wrapped", "_ensure_schedule_wrapped"):
        vars(sys.modules[PLUGIN])[name] = lambda scheduler, name=name: noted.append(
            f"{name} {scheduler.name}"
        )
    return noted


def _names(release: str) -> Any:  # noqa: ANN401 - of an excerpt
    return run(
        patched(PATCH, release, MODULE, BEFORE),
        __name__=MODULE,
        logger=SimpleNamespace(info=lambda _: None),
    )


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
    calls: list[str], release: str, kind: str
) -> None:
    core = getattr(_names(release), kind)
    core(_config(calls), executor_class=lambda: "executor")
    assert calls == [
        "profiled with executor",
        "_ensure_update_from_output_wrapped s",
        "_ensure_schedule_wrapped s",
    ]


@pytest.mark.parametrize("release", RELEASES)
def test_upstreams_schedulers_are_not_asked(release: str) -> None:
    config = SimpleNamespace(scheduler=SimpleNamespace())
    made = _names(release).EngineCoreProc(config, executor_class=lambda: "executor")
    assert vars(made) == {"model_executor": "executor", "scheduler": config.scheduler}
    assert PLUGIN not in sys.modules


def test_a_plugin_that_has_wrapped_it_already_does_it_alone(calls: list[str]) -> None:
    names = _names("0.23.0")
    inner = names.EngineCore.__init__

    def wrapped(self: object, *args: object, **kwargs: object) -> None:
        inner(self, *args, **kwargs)
        calls.append("the plugin's")

    wrapped.__module__ = PLUGIN
    names.EngineCore.__init__ = wrapped
    names.EngineCoreProc(_config(calls), executor_class=lambda: "executor")
    assert calls == ["the plugin's"]
