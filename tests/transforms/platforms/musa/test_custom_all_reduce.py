"""The custom all-reduce works on MUSA, for up to 128 MiB."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from tests.transforms.platforms.excerpts import patched, run
from tests.transforms.platforms.musa.guards import RELEASES
from tests.transforms.platforms.musa.stub_platform import platform
from transforms.platforms.musa.custom_all_reduce import PATCH

if TYPE_CHECKING:
    from tests.transforms.platforms.musa.guards import Guards

_QUESTION = "custom_all_reduce"
_BEFORE = """
class CustomAllreduce:
    def __init__(self, device, max_size=8192 * 1024):
        self.max_size = max_size
        device_ids = [7, 6]
        {physical}
        self.physical_device_id = physical_device_id
        assert current_platform.is_cuda_alike()
        self.tests_p2p = not current_platform.is_rocm() and can_p2p()
"""
_OWN = "physical_device_id = device_ids[device.index]"
_PLATFORMS = "physical_device_id = current_platform.ask(device.index)"


@pytest.mark.parametrize(("release", "physical"), [("0.9.2", _OWN), ("0.33.0", _PLATFORMS)])
@pytest.mark.parametrize(
    ("device", "mebibytes", "number", "tests_p2p"),
    [("musa", 128, 101, False), ("cuda", 8, 6, True), ("rocm", 8, 6, False)],
)
def test_musa_has_its_own_size_and_devices(  # noqa: PLR0913
    *, release: str, physical: str, device: str, mebibytes: int, number: int, tests_p2p: bool
) -> None:
    module = "vllm.distributed.device_communicators.custom_all_reduce"
    text = patched(PATCH, release, module, _BEFORE.format(physical=physical))
    there = platform(device)
    there.ask = lambda index: number if index == 1 else None
    names = run(text, current_platform=there, can_p2p=lambda: True)
    made = names.CustomAllreduce(SimpleNamespace(index=1))
    assert made.max_size == mebibytes << 20
    assert made.physical_device_id == number
    assert made.tests_p2p is tests_p2p
    assert names.CustomAllreduce(SimpleNamespace(index=1), max_size=5).max_size == 5


def test_other_platforms_are_still_refused() -> None:
    module = "vllm.distributed.device_communicators.custom_all_reduce"
    text = patched(PATCH, "0.9.2", module, _BEFORE.format(physical=_OWN))
    names = run(text, current_platform=platform("npu"), can_p2p=lambda: True)
    with pytest.raises(AssertionError):
        names.CustomAllreduce(SimpleNamespace(index=1))


@pytest.mark.guards
@pytest.mark.parametrize("release", RELEASES)
def test_the_real_one_starts_between_two_gpus(guards: Guards, release: str) -> None:
    assert guards.on_musa(_QUESTION, release) == {
        "usable": True,
        "max size": 128 << 20,
        "physical device": 3,  # of MUSA_VISIBLE_DEVICES=5,3
        "tests P2P": False,
    }
    assert guards.on_musa(_QUESTION, release, stock=True) == "refused"
    assert guards.elsewhere(_QUESTION, release, "cuda")["max size"] == 8 << 20
    guards.assert_others_are_as_stock(_QUESTION, release)
