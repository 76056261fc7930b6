"""PTX that is compiled for Windows stands behind `asm`."""

from __future__ import annotations

from tests.transforms.platforms.excerpts import status_on
from tests.transforms.platforms.windows.rule_patches import patched, reviewed
from transforms.engine.outcome import Status
from transforms.platforms.windows.msvc_inline_assembly import PATCH

CODE = '__global__ void wait() { __asm__ __volatile__("nanosleep.u32 1;\\n"); }\n'
HOST = '#ifdef __aarch64__\nvoid wait() { __asm__ __volatile__("yield"); }\n#endif\n'


def test_kernels_for_windows_are_changed_and_no_host_code() -> None:
    files = dict.fromkeys(("csrc/a.cu", "csrc/quickreduce/a.h"), CODE)
    after = CODE.replace("__asm__ __volatile__", "asm volatile")
    files["csrc/spinloop.cpp"] = HOST
    assert patched(PATCH, "0.33.0", files, 1) == {"csrc/a.cu": after}


def test_every_release_has_the_kernel() -> None:
    assert reviewed(PATCH, "0.14.1") == reviewed(PATCH, "0.33.0") == 10
    assert status_on(PATCH, "0.14.0") is Status.EXCLUDED
