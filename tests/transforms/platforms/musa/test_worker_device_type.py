"""The worker starts on the device type `musa`."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from tests.transforms.platforms.excerpts import patched, run
from tests.transforms.platforms.musa.guards import RELEASES
from transforms.platforms.musa.worker_device_type import PATCH

if TYPE_CHECKING:
    from tests.transforms.platforms.musa.guards import Guards

_QUESTION = "worker_device_type"
_V1 = "vllm.v1.worker.gpu_worker"
_BEFORE = """
class Worker:
    def init_device(self):
        device = self.device_config.device
        if {condition}:
            return "begins"
        return "refuses"
"""


@pytest.mark.parametrize(
    ("release", "module", "condition"),
    [
        ("0.9.2", "vllm.worker.worker", 'self.device_config.device.type == "cuda"'),
        ("0.10.2", "vllm.worker.worker", 'self.device_config.device.type == "cuda"'),
        ("0.9.2", _V1, 'self.device_config.device.type == "cuda"'),
        ("0.12.0", _V1, 'device is not None and device.type == "cuda"'),
        ("0.14.0", _V1, 'self.device_config.device_type == "cuda"'),
        ("0.33.0", _V1, 'self.device_config.device_type == "cuda"'),
    ],
)
def test_musa_begins_beside_cuda_and_no_other(release: str, module: str, condition: str) -> None:
    names = run(patched(PATCH, release, module, _BEFORE.format(condition=condition)))
    worker = names.Worker()
    begins = []
    for kind in ("cuda", "musa", "cpu", "npu"):
        worker.device_config = SimpleNamespace(device_type=kind, device=SimpleNamespace(type=kind))
        begins.append(worker.init_device())
    assert begins == ["begins", "begins", "refuses", "refuses"]


@pytest.mark.guards
@pytest.mark.parametrize("release", RELEASES)
def test_the_real_workers_begin_on_musa(guards: Guards, release: str) -> None:
    engines = {"V0", "V1"} if release == "0.9.2" else {"V1"}
    assert guards.on_musa(_QUESTION, release) == dict.fromkeys(engines, "begins")
    stock = guards.on_musa(_QUESTION, release, stock=True)
    assert stock.keys() == engines
    assert "begins" not in stock.values()
    guards.assert_others_are_as_stock(_QUESTION, release)
