"""Workers may have children where vllm-ascend gives them one."""

from __future__ import annotations

import os
from textwrap import dedent
from types import SimpleNamespace

import pytest

from tests.transforms.platforms.excerpts import patched, run, status_on
from transforms.engine.outcome import Status
from transforms.platforms.ascend.workers_with_children import PATCH

RELEASES = ("0.23.0", "0.33.0")
MODULE = "vllm.v1.executor.multiproc_executor"
BEFORE = """
class WorkerProc:
    @staticmethod
    def make_worker_process(rank):
        context = get_mp_context()
        # Run EngineCore busy loop in background process.
        proc = context.Process(
            target=WorkerProc.worker_main,
            kwargs={"rank": rank},
            name=f"VllmWorker-{rank}",
            daemon=True,
        )

        proc.start()
        return proc

    @staticmethod
    def worker_main(rank):
        pass
"""
AFTER = BEFORE.replace(
    """
        proc.start()
""",
    """        if current_platform.device_type == "npu" and (
            os.getenv("DYNAMIC_EPLB", "false").lower() in ("true", "1")
            or os.getenv("EXPERT_MAP_RECORD", "false") == "true"
        ):
            proc.daemon = False

        proc.start()
""",
)


class _Process(SimpleNamespace):
    """A process that notes what it was when it started."""

    def start(self) -> None:
        self.started_as_daemon = self.daemon


def _daemon(release: str, device_type: str) -> bool:
    names = run(
        patched(PATCH, release, MODULE, BEFORE),
        get_mp_context=lambda: SimpleNamespace(Process=_Process),
        current_platform=SimpleNamespace(device_type=device_type),
        os=os,
    )
    daemon: bool = names.WorkerProc.make_worker_process(0).started_as_daemon
    return daemon


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DYNAMIC_EPLB", raising=False)
    monkeypatch.delenv("EXPERT_MAP_RECORD", raising=False)


@pytest.mark.parametrize("release", RELEASES)
def test_a_question_is_put_before_the_start(release: str) -> None:
    assert patched(PATCH, release, MODULE, BEFORE) == dedent(AFTER)


def test_releases_before_are_left_alone() -> None:
    assert status_on(PATCH, "0.22.1") is Status.EXCLUDED


def test_without_the_variables_workers_are_daemonic() -> None:
    assert _daemon("0.23.0", "npu")


@pytest.mark.parametrize(
    ("name", "value", "daemon"),
    [
        ("DYNAMIC_EPLB", "true", False),
        ("DYNAMIC_EPLB", "TRUE", False),
        ("DYNAMIC_EPLB", "1", False),
        ("DYNAMIC_EPLB", "0", True),
        ("EXPERT_MAP_RECORD", "true", False),
        # As vllm-ascend reads it.
        ("EXPERT_MAP_RECORD", "1", True),
    ],
)
def test_a_variable_of_vllm_ascend_makes_the_difference(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, *, daemon: bool
) -> None:
    monkeypatch.setenv(name, value)
    assert _daemon("0.23.0", "npu") is daemon
    assert _daemon("0.23.0", "cuda")
