"""Without the device, the worker tells when it counts the memory."""

from vllm.v1.worker.cpu_worker import CPUWorker

from wheelwright_example.device import HAS_DEVICE
from wheelwright_example.recorder import record

_original = CPUWorker.determine_available_memory


def determine_available_memory(self):
    record("CPUWorker.determine_available_memory")
    return _original(self)


if not HAS_DEVICE:
    CPUWorker.determine_available_memory = determine_available_memory
