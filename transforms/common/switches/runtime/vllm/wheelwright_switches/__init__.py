# SPDX-License-Identifier: Apache-2.0
"""Which patches of this vLLM are off in this process, chosen once, before vLLM is imported.

    VLLM_WHEELWRIGHT_DISABLE=all                     upstream's code in place of every patch
    VLLM_WHEELWRIGHT_DISABLE=ucm/scheduler,musa      in place of these: patches, platforms, patterns
    VLLM_WHEELWRIGHT_VERBOSE=1                       say which are on, and what each module is

It runs in every process of an engine, and needs the standard library only.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from .choosing import DISABLE, SAID, SEEN, Choice, chosen, read_names

_FOLDER = Path(__file__).resolve().parent
_choices: list[Choice] = []


def choice() -> Choice:
    """Give what is on and off in this process; what the environment says first counts."""
    if not _choices:
        _choices.append(chosen(read_names(_FOLDER), os.environ))
    return _choices[0]


def switched_off() -> tuple[str, ...]:
    """Give the full names of the patches that are off, in their order."""
    return choice().off


def install() -> None:
    """Let the modules that are imported from now on be as the environment asks for.

    Raises:
        ImportError: this vLLM does not hold what its switches need.
    """
    made = choice()
    seen = os.environ.get(SEEN)
    if seen:
        Path(seen).touch()
    # Once, by the process that starts the others.
    if os.environ.get(SAID) != os.environ.get(DISABLE, ""):
        os.environ[SAID] = os.environ.get(DISABLE, "")
        for line in made.warnings:
            say(f"warning: {line}")
        if made.verbose:
            for line in made.lines():
                say(line)
    if made.off:
        from .loading import install_finder  # noqa: PLC0415 - only where something is off

        install_finder(_FOLDER, made, say)


def say(line: str) -> None:
    """Write a line for whoever watches: vLLM's own logger is not set up yet."""
    sys.stderr.write(f"vllm-wheelwright: {line}\n")
