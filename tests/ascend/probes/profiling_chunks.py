"""What does an EngineCore do once it has an executor?"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from types import SimpleNamespace
from typing import ClassVar
from unittest import mock

from vllm.v1.engine import core

PATCHES = ("platform.patch_profiling_chunk",)


class _Scheduler:
    connector = None

    def __init__(self, **_: object) -> None: ...

    def get_kv_connector(self) -> None: ...


def probe() -> dict[str, list[str]]:
    """Make an EngineCore with upstream's kind of scheduler, and with vllm-ascend's."""
    return {"upstream's": _made(_Scheduler), "vllm-ascend's": _made(_profiling())}


def _profiling() -> type:
    class ProfilingScheduler(_Scheduler):
        profiling_chunk_manager = SimpleNamespace(is_ready=False)
        noted: ClassVar[list[str]] = []

        def run_profiling_chunk_init(self, executor: object) -> None:
            self.noted.append(f"profiled with {executor}")

        def schedule(self, *_: object) -> SimpleNamespace:
            return SimpleNamespace()

        def update_from_output(self, *_: object) -> None: ...

    return ProfilingScheduler


def _made(scheduler: type) -> list[str]:
    config = mock.MagicMock(max_concurrent_batches=1)
    config.scheduler_config.get_scheduler_cls = lambda: scheduler
    config.cache_config.enable_prefix_caching = False
    patched = sys.modules.get(f"vllm_ascend.patch.{PATCHES[0]}")
    if patched is not None:
        # It wraps one scheduler in a process.
        patched._original_schedule = patched._original_update_from_output = None
    given = {name: vars(scheduler).get(name) for name in ("schedule", "update_from_output")}
    with ExitStack() as stack:
        for owner, name in (
            (core, "StructuredOutputManager"),
            (core, "resolve_kv_cache_block_sizes"),
            (core, "MULTIMODAL_REGISTRY"),
            (core, "freeze_gc_heap"),
            (core, "maybe_attach_gc_debug_callback"),
            (core, "enable_envs_cache"),
            (core.EngineCore, "_initialize_kv_caches"),
        ):
            made = stack.enter_context(mock.patch.object(owner, name))
            if name == "resolve_kv_cache_block_sizes":
                made.return_value = (16, 16)
        stack.enter_context(mock.patch("vllm.plugins.load_general_plugins"))
        core.EngineCore(config, lambda _: "the executor", log_stats=False)
    wrapped = [
        name for name, function in given.items() if vars(scheduler).get(name) is not function
    ]
    return [*getattr(scheduler, "noted", []), *wrapped]
