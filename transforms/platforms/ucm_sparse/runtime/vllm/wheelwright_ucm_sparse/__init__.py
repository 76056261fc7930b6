# SPDX-License-Identifier: Apache-2.0
"""What vllm-wheelwright's ucm-sparse platform calls of UCM, in every process of the engine.

The points that are compiled into vLLM ask `on` first, and do nothing else where it is False:

    if wheelwright_ucm_sparse.on:
        wheelwright_ucm_sparse.runner.execute_begins(self, scheduler_output)

It is decided once, when the process imports this: ENABLE_SPARSE asks for it, as UCM reads it, and the
package `ucm` (uc-manager) is installed. `ucm` itself is imported when an agent is made, not before.
"""

from __future__ import annotations

import importlib.util
import logging
import os
from typing import TYPE_CHECKING

# The values that UCM takes as yes.
_YES = ("1", "true", "yes", "on")


def _decide() -> bool:
    if os.getenv("ENABLE_SPARSE", "0").lower() not in _YES:
        return False
    spec = importlib.util.find_spec("ucm")
    # A folder of that name, without a module in it, is found too, and is no package of anybody's.
    if spec is None or spec.origin is None:
        logging.getLogger("vllm.wheelwright_ucm_sparse").warning(
            "ENABLE_SPARSE is set, but uc-manager is not installed: vLLM runs without it"
        )
        return False
    return True


on: bool = _decide()
hash_attention: bool = on and os.getenv("VLLM_HASH_ATTENTION") == "1"

if on or TYPE_CHECKING:
    # Each module of points, as the patches call them.
    from . import agents, attention, hashes, layers, mla, runner, scheduling

    __all__ = [
        "agents",
        "attention",
        "hash_attention",
        "hashes",
        "layers",
        "mla",
        "on",
        "runner",
        "scheduling",
    ]
