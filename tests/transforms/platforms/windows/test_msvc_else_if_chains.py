"""On Windows each branch of the kernel selector stands for itself; elsewhere nothing changes."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.transforms.platforms.excerpts import patched, run, status_on
from transforms.engine.outcome import Status
from transforms.platforms.windows.msvc_else_if_chains import PATCH

BEFORE = """
    FILE_HEAD_COMMENT = "// generated\\n"

    def generate_new_kernels():
        kernel_selector_str = FILE_HEAD_COMMENT
        for number in range(3):
            if kernel_selector_str == FILE_HEAD_COMMENT:
                kernel_selector_str += f"if (x == {number}) y();\\n"
            else:
                kernel_selector_str += f"else if (x == {number}) y();\\n"
        if kernel_selector_str != FILE_HEAD_COMMENT:
            kernel_selector_str += "else z();\\n"
        return kernel_selector_str
"""
PLACES = [
    ("0.14.1", "csrc.quantization.gptq_marlin"),
    ("0.14.1", "csrc.moe.marlin_moe_wna16"),
    ("0.16.0", "csrc.quantization.marlin"),
    ("0.23.0", "csrc.moe.marlin_moe_wna16"),
    ("0.24.0", "csrc.libtorch_stable.quantization.marlin"),
    ("0.31.0", "csrc.libtorch_stable.moe.marlin_moe_wna16"),
    ("0.32.0", "csrc.quantization.marlin"),
]


@pytest.mark.parametrize(("release", "package"), PLACES)
@pytest.mark.parametrize(("platform", "chained"), [("win32", 0), ("linux", 2)])
def test_only_windows_has_flat_branches(
    release: str, package: str, platform: str, chained: int
) -> None:
    text = patched(PATCH, release, f"{package}.generate_kernels", BEFORE)
    generated = run(text, sys=SimpleNamespace(platform=platform)).generate_new_kernels()
    assert generated.count("else if") == chained
    assert [f"x == {number}" in generated for number in range(4)] == [True, True, True, False]
    assert generated.endswith("else z();\n")


def test_it_is_not_for_releases_before() -> None:
    assert status_on(PATCH, "0.14.0") is Status.EXCLUDED
