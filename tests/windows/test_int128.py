"""`__int128_t`: compilers that have no integer of 128 bits take the kernel with `int4`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.windows.activation_kernels import kernel, path_in
from tests.windows.extracts import errors_of
from tests.windows.front_end import strict_front_end
from tests.windows.release import built_file, stock_file
from tests.windows.tools import needs

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.windows

PATCH = "windows/msvc_int128"
# As CUDA's vector_types.h has it.
HEAD = "struct int4 { int x, y, z, w; };\n"


@pytest.mark.parametrize("release", ["0.14.1", "0.33.0"])
@pytest.mark.parametrize("compiler", ["cudafe++", "g++"])
def test_no_integer_of_128_bits_is_needed(release: str, compiler: str, tmp_path: Path) -> None:
    # For 32 bits gcc has no such type; nvcc's front end has it as an extension of GNU only.
    command = {
        "g++": lambda: [needs("g++"), "-m32", "-std=c++17", "-fsyntax-only"],
        "cudafe++": lambda: [*strict_front_end(17), "--no_warnings"],
    }[compiler]()
    path = path_in(release)
    stock, ours = (
        errors_of(command, HEAD + kernel(data, halves=False), tmp_path / f"{name}.cpp")
        for name, data in (
            ("stock", stock_file(release, path)),
            ("built", built_file(release, path, PATCH)),
        )
    )
    assert "__int128_t" in stock
    assert ours == ""


def test_cudas_word_has_the_same_size_and_alignment(tmp_path: Path) -> None:
    same = (
        "static_assert(sizeof(int4) == sizeof(__int128_t) && alignof(int4) == alignof(__int128_t));"
    )
    command = [needs("nvcc"), "-std=c++17", "-ptx", "-o", str(tmp_path / "same.ptx")]
    assert errors_of(command, same, tmp_path / "same.cu") == ""
    assert errors_of(command, same.replace("int4", "int2"), tmp_path / "other.cu") != ""
