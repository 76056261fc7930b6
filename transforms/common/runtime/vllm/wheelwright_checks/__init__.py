# SPDX-License-Identifier: Apache-2.0
"""Checks that an installation makes of itself: its files, their byte code, its running processes.

    WHEELWRIGHT_LIVE=DIR    every process answers `python -m vllm.wheelwright live DIR`

This much runs in every process of an engine: without the variable it is one look at the environment.
The variable does not begin with `VLLM_`, because vLLM can be told to refuse such names of others.
"""

from __future__ import annotations

import os
import sys

VARIABLE = "WHEELWRIGHT_LIVE"


def start() -> None:
    """Let this process answer who asks for what is in force in it, if that is wanted."""
    folder = os.environ.get(VARIABLE)
    if not folder:
        return
    try:
        from . import answering  # noqa: PLC0415 - only where somebody may ask

        answering.begin(folder)
    except Exception as error:  # noqa: BLE001 - a check must never stop an engine
        sys.stderr.write(f"vllm.wheelwright: {VARIABLE}={folder}: {error}\n")
