"""The package `vllm.wheelwright_windows` is added whole; `runtime/` tests what it does."""

from __future__ import annotations

from pathlib import Path

from tests.transforms.platforms.excerpts import status_on
from transforms.engine.outcome import Status
from transforms.platforms.windows.runtime.vllm import wheelwright_windows
from transforms.platforms.windows.windows_runtime import PATCH


def test_the_patch_adds_the_package() -> None:
    files = Path(str(wheelwright_windows.__file__)).parent.glob("*.py")
    assert sorted(getattr(edit, "path", "") for edit in PATCH.edits) == sorted(
        f"vllm/wheelwright_windows/{file.name}" for file in files
    )


def test_it_is_not_for_releases_before() -> None:
    assert status_on(PATCH, "0.14.0") is Status.EXCLUDED
