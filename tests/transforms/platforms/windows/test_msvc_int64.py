"""glibc's `__int64_t` is written as `int64_t` in what is compiled for Windows."""

from __future__ import annotations

from tests.transforms.platforms.excerpts import status_on
from tests.transforms.platforms.windows.rule_patches import patched, reviewed
from transforms.engine.outcome import Status
from transforms.platforms.windows.msvc_int64 import PATCH

CODE = "#include <cstdint>\n__int64_t* words;\n"


def test_acts_on_cuda_and_leaves_other_back_ends_and_languages_alone() -> None:
    files = dict.fromkeys(
        ("csrc/a.cu", "csrc/cpu/a.cpp", "csrc/rocm/a.cu", "csrc/quickreduce/a.h", "vllm/a.cpp"),
        CODE,
    )
    assert patched(PATCH, "0.33.0", {**files, "csrc/a.py": "'__int64_t'\n"}, 1) == {
        "csrc/a.cu": "#include <cstdint>\nint64_t* words;\n"
    }


def test_every_release_has_the_kernel() -> None:
    assert reviewed(PATCH, "0.14.1") == reviewed(PATCH, "0.33.0") == 8
    assert status_on(PATCH, "0.13.0") is Status.EXCLUDED
