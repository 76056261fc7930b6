# SPDX-License-Identifier: Apache-2.0
"""What `python -m vllm.wheelwright` says of the switches."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .choosing import chosen, read_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .choosing import Choice


def document() -> dict[str, Any]:
    """Give what joins the manifest in JSON: what the environment of this process chooses."""
    made = _choice()
    return {
        "switched": {
            "off": [{"patch": name, "by": made.because[name]} for name in made.off],
            "on": list(made.on),
            "fixed": made.fixed,
            "warnings": list(made.warnings),
        }
    }


def lines() -> Iterator[str]:
    """Give the lines that a person reads."""
    made = _choice()
    yield f"  switches    {len(made.on)} patches on, {len(made.off)} off, {len(made.fixed)} fixed"
    for name in made.off:
        yield f"  off         {name} (by {made.because[name]})"
    for warning in made.warnings:
        yield f"  WARNING     {warning}"


def _choice() -> Choice:
    return chosen(read_names(Path(__file__).resolve().parent), os.environ)
