# SPDX-License-Identifier: Apache-2.0
"""What vllm-wheelwright's profile platform records, in every process of the engine.

The points that are compiled into vLLM ask `on` first, and do nothing else where it is False:

    if wheelwright_profile.on:
        wheelwright_profile.scheduling.scheduled(self, output, started)

It is decided once, when the process imports this, by the environment (see `settings`). Importing
writes nothing: a session's folder is made by the first row that is recorded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .settings import SETTINGS

on: bool = SETTINGS.on

if on or TYPE_CHECKING:
    # Each module of points, as the patches call them.
    from . import (
        blocks,
        encoders,
        experts,
        forward,
        graphs,
        operations,
        processes,
        recording,
        requests,
        scheduling,
    )

    __all__ = [
        "blocks",
        "encoders",
        "experts",
        "forward",
        "graphs",
        "on",
        "operations",
        "processes",
        "recording",
        "requests",
        "scheduling",
    ]
