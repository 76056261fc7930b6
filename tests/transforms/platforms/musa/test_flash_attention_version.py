"""Version 2 of FlashAttention's interface is used on MUSA."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.transforms.platforms.excerpts import patched, run
from tests.transforms.platforms.musa.guards import RELEASES
from tests.transforms.platforms.musa.stub_platform import platform
from transforms.platforms.musa.flash_attention_version import PATCH

if TYPE_CHECKING:
    from tests.transforms.platforms.musa.guards import Guards

_QUESTION = "flash_attention_version"
_BEFORE = """
def get_flash_attn_version():
    if current_platform.is_xpu():
        return 2
    return None
"""


@pytest.mark.parametrize(
    ("release", "module"),
    [
        ("0.9.2", "vllm.attention.utils.fa_utils"),
        ("0.13.0", "vllm.attention.utils.fa_utils"),
        ("0.14.0", "vllm.v1.attention.backends.fa_utils"),
    ],
)
@pytest.mark.parametrize(("device", "expected"), [("musa", 2), ("xpu", 2), ("npu", None)])
def test_musa_joins_xpu(release: str, module: str, device: str, expected: int | None) -> None:
    names = run(patched(PATCH, release, module, _BEFORE), current_platform=platform(device))
    assert names.get_flash_attn_version() == expected


@pytest.mark.guards
@pytest.mark.parametrize("release", RELEASES)
def test_the_real_function_needs_no_build_of_vllms_own(guards: Guards, release: str) -> None:
    assert guards.on_musa(_QUESTION, release) == {"with it": 2, "without it": 2}
    assert guards.on_musa(_QUESTION, release, stock=True)["without it"] is None
    assert guards.elsewhere(_QUESTION, release, "cuda") == {"with it": 3, "without it": None}
    guards.assert_others_are_as_stock(_QUESTION, release)
