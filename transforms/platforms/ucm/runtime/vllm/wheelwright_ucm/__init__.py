# SPDX-License-Identifier: Apache-2.0
"""What vllm-wheelwright's ucm platform calls of UCM, in every process of the engine.

The points that are compiled into vLLM ask `on` first, and do nothing else where it is False:

    if wheelwright_ucm.on:
        wheelwright_ucm.steps.received(self, scheduler_output)

It is decided once, when the process imports this: ENABLE_UCM_PATCH asks for it, and the package `ucm`
(uc-manager) is installed. `ucm` itself is imported when a scheduler or a worker begins, not before.
"""

from __future__ import annotations

import importlib.util
import logging
import os

_YES = ("1", "true", "yes", "on")


def _decide() -> bool:
    if os.getenv("ENABLE_UCM_PATCH", "").strip().lower() not in _YES:
        return False
    spec = importlib.util.find_spec("ucm")
    # A folder of that name, without a module in it, is found too, and is no package of anybody's.
    if spec is None or spec.origin is None:
        logging.getLogger("vllm.wheelwright_ucm").warning(
            "ENABLE_UCM_PATCH is set, but the package ucm (uc-manager) is not installed: "
            "vLLM runs without it"
        )
        return False
    return True


on: bool = _decide()

# Each module of points, as the patches call them.
from . import counterpart, recovery, steps  # noqa: E402 - what they import takes `on` from here

__all__ = ["counterpart", "on", "recovery", "steps"]
