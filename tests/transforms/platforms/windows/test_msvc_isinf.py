"""Kernels that are compiled for Windows ask CUDA whether a number is infinite."""

from __future__ import annotations

from tests.transforms.platforms.excerpts import status_on
from tests.transforms.platforms.windows.rule_patches import patched, reviewed
from transforms.engine.outcome import Status
from transforms.platforms.windows.msvc_isinf import PATCH

CODE = "__global__ void clear(float* x) { if (std::isinf(*x)) *x = 0; }\n"


def test_kernels_for_windows_are_changed_and_no_others() -> None:
    files = dict.fromkeys(("csrc/a.cu", "csrc/rocm/a.cu", "csrc/cpu/a.hpp", "vllm/a.cu"), CODE)
    assert patched(PATCH, "0.33.0", files, 1) == {"csrc/a.cu": CODE.replace("std::", "")}


def test_every_release_has_the_kernel() -> None:
    assert reviewed(PATCH, "0.14.1") == reviewed(PATCH, "0.33.0") == 3
    assert status_on(PATCH, "0.14.0") is Status.EXCLUDED
