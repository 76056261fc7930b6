"""What is destroyed at the end?"""

from __future__ import annotations

import sys
from unittest import mock

import plugin
from vllm.distributed import parallel_state
from vllm.v1.executor import multiproc_executor

PATCHES = ("worker.patch_distributed",)
_REGISTRY = "vllm_ascend.patch.worker.patch_distributed"


def probe() -> dict[str, list[str]]:
    """Destroy groups, and the environment by the definition's name and by the workers'."""
    return {
        "groups": _called(parallel_state.destroy_model_parallel),
        "environment": _called(parallel_state.destroy_distributed_environment),
        "a worker's environment": _called(multiproc_executor.destroy_distributed_environment),
    }


def _called(function: object) -> list[str]:
    noted: list[str] = []
    group = mock.Mock(destroy=lambda: noted.append("vLLM's group"))
    plugin.calls.clear()
    loaded = sys.modules.get(_REGISTRY)
    if loaded is not None:
        loaded._HCCL_PG_REGISTRY._entries["a"] = "stale"
    with (
        mock.patch.object(parallel_state, "_TP", group),
        mock.patch.object(parallel_state, "_WORLD", group),
    ):
        function()
    left = [] if loaded is None else [f"noted for reuse: {loaded._HCCL_PG_REGISTRY._entries}"]
    return [*noted, *plugin.calls, *left]
