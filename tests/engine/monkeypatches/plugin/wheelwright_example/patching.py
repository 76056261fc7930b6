"""Apply the patches of a kind of process, unless they are compiled in."""

from __future__ import annotations

import importlib
import os


def apply_patches(process: str) -> None:
    """Import the patches of a kind of process.

    Args:
        process: ``platform`` or ``worker``.
    """
    always = os.environ.get("WHEELWRIGHT_EXAMPLE_PATCHES") == "always"
    if always or not _compiled_in():
        importlib.import_module(f"wheelwright_example.patch.{process}")


def _compiled_in() -> bool:
    try:
        from vllm.wheelwright import compiled_in  # noqa: PLC0415
    except ImportError:  # upstream's own build
        return False
    answer: bool = compiled_in("wheelwright_example")
    return answer
