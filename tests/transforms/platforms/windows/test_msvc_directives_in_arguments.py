"""What is compiled for Windows has no directive in the arguments of a macro."""

from __future__ import annotations

from tests.transforms.platforms.excerpts import status_on
from tests.transforms.platforms.windows.rule_patches import patched, reviewed
from transforms.engine.outcome import Status
from transforms.platforms.windows.msvc_directives_in_arguments import PATCH

CODE = "DISPATCH({\n#ifdef USE_ROCM\n  hip();\n#else\n  cuda();\n#endif\n})\n"
AFTER = "#ifdef USE_ROCM\nDISPATCH({\n  hip();\n})\n#else\nDISPATCH({\n  cuda();\n})\n#endif\n"


def test_the_selective_scan_is_another_patchs() -> None:
    names = ("moe/topk.cu", "cpu/a.cpp", "mamba/scan.cu", "libtorch_stable/mamba/scan.cu")
    files = {f"csrc/{name}": CODE for name in names}
    assert patched(PATCH, "0.33.0", files, 1) == {"csrc/moe/topk.cu": AFTER}


def test_the_first_kernel_came_with_0_20_and_the_second_with_0_29() -> None:
    counts = [reviewed(PATCH, release) for release in ("0.20.0", "0.28.0", "0.29.0", "0.33.0")]
    assert counts == [1, 1, 2, 2]
    assert status_on(PATCH, "0.19.1") is Status.EXCLUDED
