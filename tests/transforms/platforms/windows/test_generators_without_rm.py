"""Old kernels are removed without another program."""

from __future__ import annotations

import glob
import os
from typing import TYPE_CHECKING

import pytest

from tests.transforms.platforms.excerpts import patched, run, status_on
from transforms.engine.outcome import Status
from transforms.platforms.windows.generators_without_rm import PATCH

if TYPE_CHECKING:
    from pathlib import Path

BEFORE = """
    def remove_old_kernels():
        for filename in glob.glob(FOLDER + "/*kernel_*.cu"):
            subprocess.call(["rm", "-f", filename])

        filename = FOLDER + "/kernel_selector.h"
        subprocess.call(["rm", "-f", filename])
"""
PLACES = [
    ("0.14.1", "csrc.quantization.gptq_marlin"),
    ("0.14.1", "csrc.moe.marlin_moe_wna16"),
    ("0.16.0", "csrc.quantization.marlin"),
    ("0.24.0", "csrc.libtorch_stable.quantization.marlin"),
    ("0.31.0", "csrc.libtorch_stable.moe.marlin_moe_wna16"),
    ("0.33.0", "csrc.quantization.marlin"),
]


@pytest.mark.parametrize(("release", "package"), PLACES)
def test_what_was_generated_goes_and_what_is_not_there_is_no_error(
    release: str, package: str, tmp_path: Path
) -> None:
    text = patched(PATCH, release, f"{package}.generate_kernels", BEFORE)
    remove = run(text, glob=glob, os=os, FOLDER=str(tmp_path)).remove_old_kernels
    for name in ("sm80_kernel_a.cu", "kernel_selector.h", "kernel.h", "ops.cu"):
        (tmp_path / name).write_text("")
    remove()
    remove()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["kernel.h", "ops.cu"]


def test_it_is_not_for_releases_before() -> None:
    assert status_on(PATCH, "0.14.0") is Status.EXCLUDED
