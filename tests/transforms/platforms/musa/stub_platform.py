"""Play `current_platform` in a few lines like upstream's."""

from __future__ import annotations

from types import SimpleNamespace


def platform(device: str, capability: int = 0) -> SimpleNamespace:
    """Play `current_platform` on a device."""
    return SimpleNamespace(
        device_type=device,
        is_musa=lambda: device == "musa",
        is_cuda=lambda: device == "cuda",
        is_rocm=lambda: device == "rocm",
        is_cuda_alike=lambda: device in ("cuda", "rocm"),
        is_xpu=lambda: device == "xpu",
        is_cpu=lambda: device == "cpu",
        support_deep_gemm=lambda: device == "cuda" and capability == 90,
        is_device_capability=lambda wanted: capability == wanted,
        is_device_capability_family=lambda wanted: capability // 10 == wanted // 10,
        has_device_capability=lambda wanted: capability >= wanted,
        get_device_capability=lambda: (capability // 10, capability % 10),
        device_id_to_physical_device_id=lambda index: 100 + index,
    )
