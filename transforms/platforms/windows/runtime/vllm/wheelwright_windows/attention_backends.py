"""Which attention backends cannot work."""

from __future__ import annotations

import sys

# Attention backends of these names are written in Triton, or are compiled to it.
_TRITON_BACKENDS = ("TRITON", "FLEX_ATTENTION", "TURBOQUANT")


def lacks_triton(backend: str) -> list[str]:
    """Say why an attention backend cannot work: on Windows it needs Triton, and there is none.

    Args:
        backend: its name, e.g. "TRITON_ATTN".

    Returns:
        The reasons, as the backends themselves give them; none for one that may work.
    """
    if sys.platform != "win32" or not backend.startswith(_TRITON_BACKENDS):
        return []
    # Not `find_spec`: vLLM puts a placeholder into `sys.modules` where Triton is missing.
    from vllm.triton_utils import HAS_TRITON

    return [] if HAS_TRITON else ["needs Triton, which is not there (it has no builds for Windows)"]
