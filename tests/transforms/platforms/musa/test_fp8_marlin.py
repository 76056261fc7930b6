"""FP8 layers do not run on Marlin on MUSA."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.transforms.platforms.excerpts import patched, run, status_on
from tests.transforms.platforms.musa.stub_platform import platform
from transforms.engine.outcome import Status
from transforms.platforms.musa.fp8_marlin import PATCH

if TYPE_CHECKING:
    from tests.transforms.platforms.musa.guards import Guards

_QUESTION = "fp8_marlin"
_MODULE = "vllm.model_executor.layers.quantization.fp8"
_LINEAR = """
class Fp8LinearMethod:
    def __init__(self):
        self.use_marlin = not current_platform.has_device_capability(89)
        if current_platform.is_rocm(){or_xpu}:
            self.use_marlin = False
"""
_EXPERTS = """
class Fp8MoEMethod:
    def __init__(self):
        self.use_marlin = not current_platform.has_device_capability(89)
        if current_platform.is_rocm():
            self.use_marlin = False
"""
_BACKEND = """
def get_fp8_moe_backend():
    use_marlin = not current_platform.has_device_capability(89)
    if current_platform.is_rocm():
        use_marlin = False
    return use_marlin
"""


@pytest.mark.parametrize(
    ("device", "capability", "expected"),
    [("musa", 31, False), ("cuda", 80, True), ("cuda", 90, False), ("rocm", 80, False)],
)
@pytest.mark.parametrize("release", ["0.9.2", "0.11.0", "0.11.1", "0.13.0", "0.14.1", "0.18.1"])
def test_only_musa_joins_those_without_it(
    *, release: str, device: str, capability: int, expected: bool
) -> None:
    or_xpu = " or current_platform.is_xpu()" if release == "0.18.1" else ""
    experts = {"0.9.2": _EXPERTS, "0.11.0": _EXPERTS, "0.11.1": _BACKEND, "0.13.0": _BACKEND}
    before = _LINEAR.format(or_xpu=or_xpu) + experts.get(release, "")
    names = run(
        patched(PATCH, release, _MODULE, before), current_platform=platform(device, capability)
    )
    uses = [names.Fp8LinearMethod().use_marlin]
    if hasattr(names, "Fp8MoEMethod"):
        uses.append(names.Fp8MoEMethod().use_marlin)
    if hasattr(names, "get_fp8_moe_backend"):
        uses.append(names.get_fp8_moe_backend())
    assert set(uses) == {expected}


def test_releases_whose_kernel_asks_for_cuda_are_excluded() -> None:
    assert status_on(PATCH, "0.19.0") is Status.EXCLUDED


@pytest.mark.guards
@pytest.mark.parametrize(
    ("release", "layers"), [("0.9.2", ("linear", "experts")), ("0.14.1", ("linear",))]
)
def test_the_real_methods_do_not_use_it(
    guards: Guards, release: str, layers: tuple[str, ...]
) -> None:
    assert guards.on_musa(_QUESTION, release) == dict.fromkeys(layers, False)
    assert guards.on_musa(_QUESTION, release, stock=True) == dict.fromkeys(layers, True)
    guards.assert_others_are_as_stock(_QUESTION, release)


@pytest.mark.guards
def test_upstreams_own_check_needs_no_guard_any_more(guards: Guards) -> None:
    assert guards.on_musa(_QUESTION, "0.33.0", stock=True) == {"linear": False}
