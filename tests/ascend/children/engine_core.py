"""Patch this process, or not, and say what a spawned one has of it: as vLLM starts EngineCore.

    python engine_core.py RESULT TRACES [ROOT...]

`TRACES` is the folder of the stubs.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import sys
from pathlib import Path
from types import FunctionType

TARGETS = (
    ("vllm.v1.engine.core", "EngineCore.__init__"),
    ("vllm.v1.engine.core", "EngineCoreProc.run_engine_core"),
    ("vllm.v1.engine.core", "DPEngineCoreProc.run_busy_loop"),
    ("vllm.v1.core.sched.scheduler", "Scheduler.__init__"),
    ("vllm.v1.core.sched.scheduler", "Scheduler.schedule"),
    ("vllm.v1.core.sched.scheduler", "Scheduler.update_from_output"),
    ("vllm.v1.core.kv_cache_manager", "KVCacheManager.allocate_slots"),
)


def seen() -> dict[str, list[str]]:
    """Give for each target the module that its code is of, and its code's digest."""
    import importlib  # noqa: PLC0415

    found = {}
    for module, path in TARGETS:
        value = importlib.import_module(module)
        for name in path.split("."):
            value = getattr(value, name)
        function = getattr(value, "__func__", value)
        assert isinstance(function, FunctionType), function
        code = function.__code__
        digest = hashlib.sha256(code.co_code + repr(code.co_names).encode()).hexdigest()
        found[f"{module}:{path}"] = [function.__globals__["__name__"], digest]
    return found


def child(traces: str, pipe: multiprocessing.connection.Connection) -> None:
    """Answer as a process that only imports vLLM."""
    sys.path.insert(0, traces)
    pipe.send(seen())


def main(result: Path, traces: str, roots: list[str]) -> None:
    """Write a JSON object: what the parent and the child have, and the version that is asked."""
    sys.path.insert(0, traces)
    if roots:
        import plugin  # noqa: PLC0415
        import stubs  # noqa: PLC0415

        stubs.install()
        plugin.apply_patches(roots)
    parent = seen()
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=child, args=(traces, theirs))
    process.start()
    there = ours.recv()
    process.join()
    import vllm  # noqa: PLC0415

    answer = {"parent": parent, "child": there, "version": vllm.__version__}
    if roots:
        from vllm_ascend.utils import vllm_version_is  # noqa: PLC0415

        answer["asked"] = vllm_version_is("0.23.0")
    result.write_text(json.dumps(answer), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:])
