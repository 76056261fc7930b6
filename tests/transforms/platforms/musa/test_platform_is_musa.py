"""`Platform.is_musa()`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.transforms.platforms.excerpts import patched, run
from tests.transforms.platforms.musa.guards import OTHERS, RELEASES
from transforms.platforms.musa.platform_is_musa import PATCH

if TYPE_CHECKING:
    from tests.transforms.platforms.musa.guards import Guards

_QUESTION = "platform_is_musa"
_BEFORE = """
class Platform:
    def is_out_of_tree(self) -> bool:
        return False

    def is_cuda_alike(self):
        return False
"""


@pytest.mark.parametrize(
    ("device_type", "expected"), [("musa", True), ("cuda", False), ("", False)]
)
def test_the_device_type_decides(*, device_type: str, expected: bool) -> None:
    names = run(patched(PATCH, "0.9.2", "vllm.platforms.interface", _BEFORE))
    platform = names.Platform()
    platform.device_type = device_type
    assert platform.is_musa() is expected


@pytest.mark.guards
@pytest.mark.parametrize("release", RELEASES)
def test_only_the_musa_plugin_is_musa(guards: Guards, release: str) -> None:
    answer = guards.on_musa(_QUESTION, release)
    assert [name for name, is_musa in answer.items() if is_musa] == ["current"]
    for device in OTHERS:
        assert not any(guards.elsewhere(_QUESTION, release, device).values()), device
