"""Does the worker begin to initialize its device?"""

from __future__ import annotations

from types import SimpleNamespace

from vllm.platforms import current_platform
from vllm.v1.worker.gpu_worker import Worker


class _Begun(Exception):  # noqa: N818 - it is no error
    """The worker read its configuration: it is past the check of the device type."""


class _Tripwire:
    def __getattr__(self, name: str) -> object:
        raise _Begun(name)


def probe() -> str:
    """Call `init_device` on a worker that is stopped at the first thing it does."""
    worker = object.__new__(Worker)
    device_type = current_platform.device_type
    worker.device_config = SimpleNamespace(device_type=device_type, device=device_type)
    worker.parallel_config = _Tripwire()
    try:
        worker.init_device()
    except _Begun:
        return "begins"
    except RuntimeError as error:
        return str(error)
    return "does nothing"
