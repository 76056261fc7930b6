"""Call what the patches are about in one tree of vLLM, and write what came of each call, as JSON.

    python observe.py TREE {windows,windows-with-uvloop,linux} FILE

Runs in an environment of a release, without the project: a process for one tree and one system.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from typing import TYPE_CHECKING

import attention  # noqa: F401 - each of these adds its observations
import groups  # noqa: F401
import locks  # noqa: F401
import processes  # noqa: F401

# All that is not vLLM, on the real system, before the pretence.
import transformers  # noqa: F401
import transport  # noqa: F401
import uvicorn  # noqa: F401
import uvloop  # noqa: F401
import zmq.asyncio  # noqa: F401
from pretended import pretend
from watching import OBSERVATIONS, RESULT, SYSTEM, TREE, choose

if TYPE_CHECKING:
    from collections.abc import Callable


def main() -> None:
    """Observe everything, for each platform in a process of its own."""
    sys.path.insert(0, str(TREE))
    os.environ.update(
        VLLM_TARGET_DEVICE="empty",
        VLLM_LOGGING_LEVEL="ERROR",
        VLLM_PLUGINS="",
        VLLM_NO_USAGE_STATS="1",
        HF_HUB_OFFLINE="1",
    )
    if SYSTEM != "linux":
        # Nearly every module imports uvloop: with it, what else stops upstream is seen.
        pretend(but=frozenset({"uvloop"} if SYSTEM == "windows-with-uvloop" else ()))
    found = {}
    for platform in OBSERVATIONS:
        part = RESULT.with_suffix(f".{platform}")
        process = os.fork()
        if not process:
            part.write_text(json.dumps(observe(platform)), encoding="utf-8")
            os._exit(0)
        os.waitpid(process, 0)
        found.update(json.loads(part.read_text(encoding="utf-8")))
    RESULT.write_text(json.dumps(found), encoding="utf-8")


def observe(platform: str) -> dict[str, dict[str, object]]:
    """Observe what is for one platform; what raises is an observation, too."""
    choose(platform)
    return {function.__name__: come_of(function) for function in OBSERVATIONS[platform]}


def come_of(function: Callable[[], object]) -> dict[str, object]:
    """Call a function and say what came of it."""
    try:
        return {"value": function()}
    except Exception as error:  # noqa: BLE001 - what it is goes into the result
        traceback.print_exc()
        return {"error": f"{type(error).__name__}: {error}"}


if __name__ == "__main__":
    main()
