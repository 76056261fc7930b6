"""A platform of vLLM that is the CPU, but may use Ray: vLLM 0.32 knows no name of Ray's for a CPU.

It runs inside of the engine's environment, as a plugin. Ray's cluster is told that it has a GPU,
which is a number to it; what the workers run on is the CPU.
"""

from __future__ import annotations

from vllm.platforms.cpu import CpuPlatform


def plugin() -> str:
    """Give the platform's name: vLLM asks every plugin, and takes this one."""
    return f"{__name__}.RayCpuPlatform"


class RayCpuPlatform(CpuPlatform):  # type: ignore[misc]  # vLLM is not here
    """The CPU, by Ray's name for what workers need one of."""

    ray_device_key = "GPU"
