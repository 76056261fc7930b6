"""`or`, `and` and `not` are written as operators in what is compiled for Windows."""

from __future__ import annotations

from tests.transforms.platforms.excerpts import status_on
from tests.transforms.platforms.windows.rule_patches import patched, reviewed
from transforms.engine.outcome import Status
from transforms.platforms.windows.msvc_alternative_tokens import PATCH


def test_headers_and_kernels_are_rewritten_and_c_is_not() -> None:
    code = 'static_assert(not A<X>::value and (B or C), "A and not B");\n'
    files = dict.fromkeys(("csrc/a.cu", "csrc/b/c.hpp", "csrc/cpu/a.hpp", "csrc/a.c"), code)
    after = 'static_assert(!A<X>::value && (B || C), "A and not B");\n'
    assert patched(PATCH, "0.20.0", files, 6) == {"csrc/a.cu": after, "csrc/b/c.hpp": after}


def test_every_release_has_some() -> None:
    assert {reviewed(PATCH, release) for release in ("0.14.1", "0.33.0")} == {5}
    assert status_on(PATCH, "0.14.0") is Status.EXCLUDED
