"""CUDA is built on Windows where it is asked for by name."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.transforms.platforms.excerpts import patched, run
from transforms.platforms.windows.setup_target_device import PATCH

BEFORE = """
if sys.platform.startswith("darwin"):
    VLLM_TARGET_DEVICE = "cpu"
elif not (sys.platform.startswith("linux") or sys.platform.startswith("darwin")):
    VLLM_TARGET_DEVICE = "empty"
elif sys.platform.startswith("linux") and os.getenv("VLLM_TARGET_DEVICE") is None:
    VLLM_TARGET_DEVICE = "found"
"""


@pytest.mark.parametrize(
    ("system", "asked", "device"),
    [
        ("win32", "cuda", "cuda"),
        ("win32", "CUDA", "cuda"),
        ("win32", None, "empty"),
        ("win32", "cpu", "empty"),
        ("cygwin", "cuda", "empty"),
        ("linux", "cuda", "cuda"),
        ("linux", None, "found"),
        ("darwin", "cuda", "cpu"),
    ],
)
@pytest.mark.parametrize("release", ["0.14.1", "0.33.0"])
def test_the_device(release: str, system: str, asked: str | None, device: str) -> None:
    text = patched(PATCH, release, "setup", BEFORE)
    environment = {} if asked is None else {"VLLM_TARGET_DEVICE": asked}

    def getenv(name: str, default: str | None = None) -> str | None:
        return environment.get(name, default)

    found = run(
        text,
        sys=SimpleNamespace(platform=system),
        os=SimpleNamespace(getenv=getenv),
        VLLM_TARGET_DEVICE=(asked or "cuda").lower(),
    )
    assert device == found.VLLM_TARGET_DEVICE
