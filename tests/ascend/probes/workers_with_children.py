"""Are workers daemonic when they start?"""

from __future__ import annotations

import os
import sys
from types import SimpleNamespace
from unittest import mock

from vllm.v1.executor import multiproc_executor

# vllm-ascend imports it only where one of the variables is set.
PATCHES = ("platform.patch_multiproc_executor",)
_SETTINGS = (
    {},
    {"DYNAMIC_EPLB": "true"},
    {"DYNAMIC_EPLB": "True"},
    {"DYNAMIC_EPLB": "1"},
    {"EXPERT_MAP_RECORD": "true"},
    {"DYNAMIC_EPLB": "0", "EXPERT_MAP_RECORD": "1"},
)


class _Process(SimpleNamespace):
    def start(self) -> None:
        self.started = self.daemon


def probe() -> dict[str, bool]:
    """Make workers whose processes only note what they are."""
    module = sys.modules[multiproc_executor.MultiprocExecutor.__module__]
    worker = getattr(module, "AscendWorkerProc", multiproc_executor.WorkerProc)
    pipe = SimpleNamespace(fileno=lambda: 0, close=lambda: None)
    context = SimpleNamespace(Process=_Process, Pipe=lambda **_: (pipe, pipe))
    answers = {}
    for settings in _SETTINGS:
        with (
            mock.patch.dict(os.environ, settings),
            mock.patch.object(module, "get_mp_context", return_value=context),
            mock.patch.object(multiproc_executor.numa_utils, "configure_subprocess"),
        ):
            handle = worker.make_worker_process(None, 0, 0, "", None, None, is_driver_worker=False)
        answers[str(settings)] = handle.proc.started
    return answers
