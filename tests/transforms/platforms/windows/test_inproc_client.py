"""On Windows the engine of `LLM` runs in the process that asks for it; `AsyncLLM`'s never does."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.transforms.platforms.excerpts import patched, run, status_on
from transforms.engine.outcome import Status
from transforms.platforms.windows.inproc_client import PATCH

CLIENT = """
class EngineCoreClient:
    @staticmethod
    def make_client(multiprocess_mode, asyncio_mode):
        if asyncio_mode and not multiprocess_mode:
            raise NotImplementedError
        if multiprocess_mode and asyncio_mode:
            return "AsyncMPClient"
        if multiprocess_mode and not asyncio_mode:
            return "SyncMPClient"
        return "InprocClient"
"""
ENGINE = """
class LLMEngine:
    def __init__(self, vllm_config, multiprocess_mode=False):
        self.vllm_config = vllm_config
        parallel_config = vllm_config.parallel_config
        if not multiprocess_mode:
            self.model_executor = parallel_config
"""


@pytest.mark.parametrize("release", ["0.14.1", "0.33.0"])
@pytest.mark.parametrize(
    ("system", "client"), [("win32", "InprocClient"), ("linux", "SyncMPClient")]
)
def test_windows_has_the_engine_in_process(release: str, system: str, client: str) -> None:
    text = patched(PATCH, release, "vllm.v1.engine.core_client", CLIENT)
    make = run(text, sys=SimpleNamespace(platform=system)).EngineCoreClient.make_client
    assert make(multiprocess_mode=True, asyncio_mode=False) == client
    assert make(multiprocess_mode=True, asyncio_mode=True) == "AsyncMPClient"
    assert make(multiprocess_mode=False, asyncio_mode=False) == "InprocClient"


@pytest.mark.parametrize(("system", "knows"), [("win32", True), ("linux", False)])
def test_the_engine_knows_that_its_model_is_in_process(
    monkeypatch: pytest.MonkeyPatch, system: str, *, knows: bool
) -> None:
    text = patched(PATCH, "0.33.0", "vllm.v1.engine.llm_engine", ENGINE)
    names = run(text)
    # The patch imports `sys` itself there.
    monkeypatch.setattr(names.sys, "platform", system)
    engine = names.LLMEngine(SimpleNamespace(parallel_config=1), multiprocess_mode=True)
    assert hasattr(engine, "model_executor") is knows


def test_it_is_not_for_releases_before() -> None:
    assert status_on(PATCH, "0.14.0") is Status.EXCLUDED
