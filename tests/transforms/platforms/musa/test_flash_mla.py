"""FlashMLA runs on MUSA GPUs of capability 3.x, with single tokens as its decodes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from tests.transforms.platforms.excerpts import patched, run
from tests.transforms.platforms.musa.guards import LATER, RELEASES
from tests.transforms.platforms.musa.stub_platform import platform
from transforms.platforms.musa.flash_mla import PATCH

if TYPE_CHECKING:
    from tests.transforms.platforms.musa.guards import Guards

_QUESTION = "flash_mla"
_BACKEND = "vllm.v1.attention.backends.mla.flashmla"
_UNTIL_0_11_0 = """
def is_flashmla_supported():
    if not current_platform.is_cuda():
        return False
    if current_platform.get_device_capability()[0] != 9:
        return False
    return True
"""
_UNTIL_0_13 = """
def is_flashmla_dense_supported():
    if current_platform.get_device_capability()[0] != 9:
        return False
    return True
"""
_LATER = """
def is_flashmla_dense_supported():
    if not current_platform.is_device_capability_family(90):
        return False
    return True
"""


@pytest.mark.parametrize(
    ("release", "module", "before"),
    [
        ("0.9.2", "vllm.attention.ops.flashmla", _UNTIL_0_11_0),
        ("0.11.0", "vllm.attention.ops.flashmla", _UNTIL_0_11_0),
        ("0.11.1", "vllm.attention.ops.flashmla", _UNTIL_0_13),
        ("0.14.0", "vllm.v1.attention.ops.flashmla", _LATER),
        ("0.33.0", "vllm.v1.attention.ops.flashmla", _LATER),
    ],
)
@pytest.mark.parametrize(
    ("device", "capability", "expected"),
    [("musa", 31, True), ("musa", 22, False), ("cuda", 90, True), ("cuda", 31, False)],
)
def test_the_kernels_check_knows_both(  # noqa: PLR0913
    *, release: str, module: str, before: str, device: str, capability: int, expected: bool
) -> None:
    text = patched(PATCH, release, module, before)
    names = run(text, current_platform=platform(device, capability))
    checks = (check for name, check in vars(names).items() if name.startswith("is_flashmla"))
    assert next(checks)() is expected


@pytest.mark.parametrize("release", ["0.11.1", "0.33.0"])
@pytest.mark.parametrize(("device", "majors", "tokens"), [("musa", [3], 1), ("cuda", [9, 10], 128)])
def test_the_backend_knows_both(release: str, device: str, majors: list[int], tokens: int) -> None:
    before = """
    from vllm.platforms.interface import DeviceCapability

    class FlashMLABackend:
        @classmethod
        def supports_compute_capability(cls, capability):
            return capability.major in [9, 10]

    class FlashMLAMetadataBuilder:
        reorder_batch_threshold: int = 128  # small prefills are decodes
    """
    text = patched(PATCH, release, _BACKEND, before)
    body = "\n".join(line for line in text.splitlines() if not line.startswith("from vllm"))
    names = run(body, current_platform=platform(device))
    supports = names.FlashMLABackend.supports_compute_capability
    assert [major for major in range(12) if supports(SimpleNamespace(major=major))] == majors
    assert names.FlashMLAMetadataBuilder.reorder_batch_threshold == tokens


@pytest.mark.guards
@pytest.mark.parametrize("release", RELEASES)
def test_the_real_checks_know_capability_3(guards: Guards, release: str) -> None:
    answer = guards.on_musa(_QUESTION, release)
    stock = guards.on_musa(_QUESTION, release, stock=True)
    assert answer["kernels"] == ["3.1"]
    assert "3.1" not in stock["kernels"]
    if release in LATER:
        assert answer == {"kernels": ["3.1"], "backend": ["3.1"], "threshold": 1}
        assert stock == {"kernels": ["9.0"], "backend": ["9.0", "10.0"], "threshold": 128}
    guards.assert_others_are_as_stock(_QUESTION, release)
