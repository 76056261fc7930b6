"""What `torch_musa` does when torch loads its device backends, as far as the guards see it."""

from __future__ import annotations

import os
from types import ModuleType


def autoload() -> None:
    """Name torch's free device type `musa`, where `STANDIN_TORCH` asks for it.

    Newer torch releases name the profiler's activity along with it, older ones do not:
    `STANDIN_TORCH=musa` has the activity MUSA, `STANDIN_TORCH=musa-without-activity` has not.
    """
    import torch  # noqa: PLC0415 - torch itself calls this while it is imported
    import torch.profiler  # noqa: PLC0415

    wanted = os.environ.get("STANDIN_TORCH")
    if not wanted:
        return
    torch.utils.rename_privateuse1_backend("musa")
    torch._register_device_module("musa", _no_devices())
    activities = torch.profiler.ProfilerActivity
    if wanted == "musa":
        activities.MUSA = activities.PrivateUse1
    elif hasattr(activities, "MUSA"):
        del activities.MUSA


def _no_devices() -> ModuleType:
    """Make a `torch.musa` that has no device: torch.compile asks it when it starts."""
    module = ModuleType("musa")
    module.__dict__.update(
        is_available=lambda: False,
        device_count=lambda: 0,
        current_device=lambda: 0,
        is_initialized=lambda: False,
        _is_in_bad_fork=lambda: False,
    )
    return module
