"""glibc's `__int64_t`: mingw, whose headers are Windows', does not have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.windows.activation_kernels import kernel, path_in
from tests.windows.extracts import errors_of
from tests.windows.release import built, built_file, stock_file
from tests.windows.tools import needs
from transforms.engine.cpp.code import Code
from transforms.engine.cpp.files import CPP
from transforms.platforms.windows._folders import NOT_FOR_WINDOWS

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.windows

PATCH = "windows/msvc_int64"
HEAD = "#include <cstdint>\n"


@pytest.mark.parametrize("release", ["0.14.1", "0.33.0"])
@pytest.mark.parametrize(
    "compiler",
    ["x86_64-w64-mingw32-g++", "clang++-19 --target=x86_64-pc-windows-msvc -nostdinc++"],
)
def test_windows_compilers_take_the_standards_name_only(
    release: str, compiler: str, tmp_path: Path
) -> None:
    program, *options = compiler.split()
    command = [needs(program), *options, "-std=c++17", "-fsyntax-only"]
    head = HEAD if "mingw32" in program else "typedef long long int64_t;\n"
    path = path_in(release)
    stock, ours = (
        errors_of(command, head + kernel(data, halves=True), tmp_path / f"{name}.cpp")
        for name, data in (
            ("stock", stock_file(release, path)),
            ("built", built_file(release, path, PATCH)),
        )
    )
    assert "__int64_t" in stock
    assert ours == ""


@pytest.mark.parametrize("release", ["0.14.1", "0.33.0"])
def test_linux_has_the_very_same_type(release: str, tmp_path: Path) -> None:
    same = "static_assert(__is_same(int64_t, __int64_t) && __is_same(uint64_t, __uint64_t));\n"
    command = [needs("g++"), "-std=c++17", "-fsyntax-only"]
    ours = kernel(built_file(release, path_in(release), PATCH), halves=True)
    assert errors_of(command, HEAD + same + ours, tmp_path / "same.cpp") == ""


@pytest.mark.parametrize("release", ["0.14.1", "0.33.0"])
def test_no_file_that_is_compiled_for_windows_names_it_any_more(release: str) -> None:
    files = built(release, PATCH)
    left = [
        path
        for path in files
        if path.startswith("csrc/")
        and path.endswith(CPP)
        and not path.startswith(NOT_FOR_WINDOWS)
        and {"__int64_t", "__uint64_t"} & Code(files.read(path)).places.keys()
    ]
    assert left == []
