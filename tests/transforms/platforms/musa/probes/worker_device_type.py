"""Do the workers begin to initialize their device?"""

from __future__ import annotations

from types import SimpleNamespace

from vllm.platforms import current_platform
from vllm.v1.worker import gpu_worker

try:
    from vllm.worker import worker as worker_of_v0
except ImportError:
    worker_of_v0 = None


class _Begun(Exception):  # noqa: N818 - it is no error
    """The worker read its configuration: it is past the check of the device type."""


def probe() -> dict[str, str]:
    """Call `init_device` on workers that are stopped at the first thing they look up."""
    engines = {"V0": worker_of_v0, "V1": gpu_worker}
    return {name: _begins(module.Worker) for name, module in engines.items() if module is not None}


def _begins(worker_class: type) -> str:
    class Bare(worker_class):
        def __init__(self, device_type: str) -> None:
            device = SimpleNamespace(type=device_type)
            self.device_config = SimpleNamespace(device_type=device_type, device=device)

        def __getattr__(self, name: str) -> object:
            raise _Begun(name)

    try:
        Bare(current_platform.device_type).init_device()
    except _Begun:
        return "begins"
    except RuntimeError as error:
        return str(error)
    return "does nothing"
