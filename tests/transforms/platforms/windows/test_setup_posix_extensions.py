"""setup.py asks for the extensions that need POSIX, but not on Windows."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.transforms.platforms.excerpts import patched, run, status_on
from transforms.engine.outcome import Status
from transforms.platforms.windows.setup_posix_extensions import PATCH

SPINLOOP = """
    ext_modules.append(CMakeExtension(name="vllm._C"))
    if True:
        ext_modules.append(CMakeExtension(name="vllm.spinloop"))
"""
BOTH = f"""{SPINLOOP}
        ext_modules.append(CMakeExtension(name="vllm.fs_io_C"))
"""


@pytest.mark.parametrize(
    ("release", "before", "others"),
    [
        ("0.22.0", SPINLOOP, ["vllm.spinloop"]),
        ("0.24.0", SPINLOOP, ["vllm.spinloop"]),
        ("0.25.0", BOTH, ["vllm.spinloop", "vllm.fs_io_C"]),
        ("0.33.0", BOTH, ["vllm.spinloop", "vllm.fs_io_C"]),
    ],
)
def test_windows_gets_the_rest(release: str, before: str, others: list[str]) -> None:
    text = patched(PATCH, release, "setup", before)

    def extensions(platform: str) -> list[str]:
        found: list[str] = []
        sys = SimpleNamespace(platform=platform)
        run(text, sys=sys, ext_modules=found, CMakeExtension=lambda name: name)
        return found

    assert extensions("linux") == ["vllm._C", *others]
    assert extensions("win32") == ["vllm._C"]


def test_it_is_not_for_releases_before() -> None:
    assert status_on(PATCH, "0.21.0") is Status.EXCLUDED
