"""Platforms that name a device without having it: what vLLM asks a platform, answered by hand.

`STANDIN_PLATFORM` says which one the plugin gives to vLLM. The MUSA one presents itself as the
published plugin does; the others present themselves as vLLM's own platforms do, so that one can see
what a guard does there without such a device.
"""

from __future__ import annotations

import os

import torch
from vllm.platforms.interface import DeviceCapability, Platform, PlatformEnum


class _StandIn(Platform):
    """What all stand-ins share."""

    dispatch_key = "CPU"
    dist_backend = "gloo"
    capability = DeviceCapability(0, 0)

    @classmethod
    def get_device_capability(cls, device_id: int = 0) -> DeviceCapability:
        """Give the capability that this stand-in claims."""
        del device_id
        return cls.capability

    @classmethod
    def get_device_name(cls, device_id: int = 0) -> str:
        """Give a name for logs."""
        return f"stand-in {device_id}"

    @classmethod
    def get_device_total_memory(cls, device_id: int = 0) -> int:
        """Give a size; nothing is allocated on the device."""
        del device_id
        return 1 << 34

    @classmethod
    def is_fully_connected(cls, physical_device_ids: list[int]) -> bool:
        """Tell that all links are there."""
        return bool(physical_device_ids)

    @classmethod
    def import_kernels(cls) -> None:
        """Import nothing: there are no compiled extensions."""

    @classmethod
    def inference_mode(cls) -> torch.inference_mode:
        """Give torch's own mode."""
        return torch.inference_mode(mode=True)


class MusaPlatform(_StandIn):
    """An S5000, as the plugin shows it: out of tree, of device type `musa`, capability 3.1."""

    _enum = PlatformEnum.OOT
    device_name = "musa"
    device_type = "musa"
    device_control_env_var = "MUSA_VISIBLE_DEVICES"
    capability = DeviceCapability(3, 1)


class AscendPlatform(_StandIn):
    """Another platform out of tree: it must not be taken for MUSA."""

    _enum = PlatformEnum.OOT
    device_name = "npu"
    device_type = "npu"
    device_control_env_var = "ASCEND_RT_VISIBLE_DEVICES"
    capability = DeviceCapability(3, 1)


class CudaPlatform(_StandIn):
    """An H100."""

    _enum = PlatformEnum.CUDA
    device_name = "cuda"
    device_type = "cuda"
    device_control_env_var = "CUDA_VISIBLE_DEVICES"
    capability = DeviceCapability(9, 0)

    @classmethod
    def support_deep_gemm(cls) -> bool:
        """Answer as vLLM's CUDA platform does on this device."""
        return cls.capability == DeviceCapability(9, 0)


class RocmPlatform(_StandIn):
    """An MI300X."""

    _enum = PlatformEnum.ROCM
    device_name = "rocm"
    device_type = "cuda"
    device_control_env_var = "CUDA_VISIBLE_DEVICES"
    capability = DeviceCapability(9, 4)


class XpuPlatform(_StandIn):
    """An Intel GPU."""

    _enum = PlatformEnum.XPU
    device_name = "xpu"
    device_type = "xpu"
    device_control_env_var = "ZE_AFFINITY_MASK"


class CpuPlatform(_StandIn):
    """A processor."""

    _enum = PlatformEnum.CPU
    device_name = "cpu"
    device_type = "cpu"


PLATFORMS = {
    "musa": MusaPlatform,
    "ascend": AscendPlatform,
    "cuda": CudaPlatform,
    "rocm": RocmPlatform,
    "xpu": XpuPlatform,
    "cpu": CpuPlatform,
}


def chosen() -> str:
    """Give vLLM the platform that the environment asks for."""
    return f"{__name__}.{PLATFORMS[os.environ['STANDIN_PLATFORM']].__name__}"
