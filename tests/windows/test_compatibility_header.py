"""The header that MSVC includes by force: what upstream's files need, and nothing elsewhere."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.windows.extracts import definition, errors_of, up_to
from tests.windows.front_end import strict_front_end
from tests.windows.release import built_file, stock_file
from tests.windows.tools import needs

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

pytestmark = pytest.mark.windows

PATCH = "windows/msvc_compatibility_header"
HEADER = "csrc/wheelwright_windows.h"
MATH = [("0.14.1", "csrc/core/math.hpp"), ("0.33.0", "csrc/core/utils.hpp")]
CUDA = "#define __global__\n#define __device__\nstruct uint2 {}; struct uint4 {};\n"
LIKE_MSVC = ["-D_WIN32", "-D_MSC_VER=1940"]


@pytest.fixture(params=["0.14.1", "0.33.0"])
def release(request: pytest.FixtureRequest) -> str:
    """Give both ends of what is built."""
    return str(request.param)


@pytest.fixture
def header(tmp_path: Path) -> Path:
    """Give the folder with the header as it is built, and stubs of two of Microsoft's."""
    (tmp_path / "wheelwright_windows.h").write_bytes(built_file("0.33.0", HEADER, PATCH))
    stubs = tmp_path / "microsoft"
    stubs.mkdir()
    (stubs / "math.h").write_text("// has no constants: nvcc has included it before\n")
    (stubs / "corecrt_math_defines.h").write_text("#define M_LOG2E 1.44269504088896340736\n")
    return tmp_path


def by_force(header: Path) -> list[str]:
    """Give the options that include it before all else."""
    return [f"-I{header}", "-include", "wheelwright_windows.h"]


def uints(release: str) -> str:
    """Cut out of real files: a kernel's parameters, and a class template's arguments."""
    states = stock_file(release, "csrc/attention/merge_attn_states.cu")
    kernel = up_to(states[states.index(b"template <typename scalar_t") :], "template <", ") {")
    packed = stock_file(release, "csrc/fused_qknorm_rope_kernel.cu")
    template = up_to(packed, "template <typename T, int num>\nstruct packed_as", "template <>")
    one = up_to(packed, "template <>\nstruct packed_as<uint, 1>", ";\n}")
    return f"{CUDA}{kernel});\n{template}\n{one};\n}};\n"


def test_uint_is_declared(release: str, header: Path, tmp_path: Path) -> None:
    command = [needs("x86_64-w64-mingw32-g++"), "-std=c++17", "-fsyntax-only"]
    path = tmp_path / "extract.cpp"
    assert "uint" in errors_of(command, uints(release), path)
    assert not errors_of([*command, *by_force(header)], uints(release), path)


def test_ssize_t_is_declared(release: str, header: Path, tmp_path: Path) -> None:
    data = stock_file(release, "csrc/cumem_allocator.cpp")
    code = "struct Stream;\ntypedef Stream* CUstream;\n"
    code += "".join(f"{up_to(data, each, '{')};\n" for each in ("void* my_malloc", "void my_free"))
    # Where Windows has it from other headers, it is the same type.
    code += "typedef long long ssize_t;\n"
    command = [needs("clang++-19"), "--target=x86_64-pc-windows-msvc", "-fsyntax-only"]
    command += ["-U__clang__", f"-I{header / 'microsoft'}"]
    path = tmp_path / "extract.cpp"
    assert "unknown type name 'ssize_t'" in errors_of(command, code, path)
    assert not errors_of([*command, *by_force(header)], code, path)


def test_the_constants_of_posix_are_there(release: str, header: Path, tmp_path: Path) -> None:
    path = "csrc/mamba/mamba_ssm" if release == "0.14.1" else "csrc/mamba"
    data = stock_file(release, f"{path}/selective_scan_fwd.cu")
    code = f"#include <math.h>\n{up_to(data, 'constexpr float kLog2e', ';')};\n"
    mingw = [needs("x86_64-w64-mingw32-g++"), "-std=c++17", "-fsyntax-only"]
    clang = [needs("clang++-19"), "--target=x86_64-pc-windows-msvc", "-fsyntax-only"]
    for command in (mingw, [*clang, f"-I{header / 'microsoft'}"]):
        assert "M_LOG2E" in errors_of(command, code, tmp_path / "extract.cpp")
        assert not errors_of([*command, *by_force(header)], code, tmp_path / "extract.cpp")


@pytest.mark.parametrize(("version", "path"), MATH)
def test_next_pow_2_gives_what_upstreams_does(
    version: str, path: str, header: Path, tmp_path: Path
) -> None:
    """For every number that it is defined for: those from 0 to 2^31."""
    upstreams, ours = (
        definition(data, "next_pow_2", begins="inline")
        for data in (stock_file(version, path), built_file(version, path, PATCH))
    )
    code = f"""
        #include <climits>
        #include <cstdint>
        namespace upstream {{ {upstreams} }}
        #define _WIN32
        #define _MSC_VER 1940
        #include "wheelwright_windows.h"
        namespace ours {{ {ours} }}
        static_assert(ours::next_pow_2(5) == 8);
        int main() {{
          uint32_t number = 0;
          while (ours::next_pow_2(number) == upstream::next_pow_2(number)) {{
            if (number++ == 1u << 31) return 0;
          }}
          return 1;
        }}
    """
    assert run(code, header, tmp_path) == 0


@pytest.mark.parametrize("builtin", ["clz", "ctz"])
def test_a_builtin_gives_what_gccs_does(builtin: str, header: Path, tmp_path: Path) -> None:
    """For every number but 0, which has no result. What is computed from them is the same then."""
    code = f"""
        static int gccs(unsigned bits) {{ return __builtin_{builtin}(bits); }}
        #define _WIN32
        #define _MSC_VER 1940
        #include "wheelwright_windows.h"
        int main() {{
          unsigned bits = 1;
          while (__builtin_{builtin}(bits) == gccs(bits)) {{
            if (++bits == 0) return 0;
          }}
          return 1;
        }}
    """
    assert run(code, header, tmp_path) == 0


def run(code: str, header: Path, folder: Path) -> int:
    """Compile a program as it is for speed, run it, and give what it returns."""
    command = [needs("g++"), "-std=c++17", "-O2", f"-I{header}", "-o", str(folder / "program")]
    assert not errors_of(command, code, folder / "program.cpp")
    return subprocess.run([str(folder / "program")], check=False).returncode


def bits(version: str, path: str, name: str) -> str:
    """Cut out what counts bits in a real file."""
    data = stock_file(version, path)
    if name != "block_size_shift":
        return definition(data, name, begins="inline")
    shift = up_to(data, f"const int {name}", ";")
    return f"int shift(int block_size) {{ {shift}; return {name}; }}"


@pytest.mark.parametrize(
    ("version", "path", "name"),
    [
        ("0.14.1", "csrc/core/math.hpp", "next_pow_2"),
        ("0.33.0", "csrc/core/utils.hpp", "next_pow_2"),
        ("0.33.0", "csrc/fused_muse_spark_qknorm_rope_kv_insert_kernel.cu", "makeFastDiv"),
        ("0.33.0", "csrc/fused_qknorm_rope_cache_kernel.cu", "block_size_shift"),
    ],
)
def test_no_builtin_of_gcc_is_left(
    version: str, path: str, name: str, header: Path, tmp_path: Path
) -> None:
    """CUDA's front end without GCC's extensions stands in for the one with Microsoft's."""
    code = "typedef unsigned uint32_t; typedef unsigned long long uint64_t;\n"
    code += f"struct FastDiv {{ uint32_t mul, shr; int div; }};\n{bits(version, path, name)}\n"
    front_end = strict_front_end(17)
    preprocessed = tmp_path / "extract.ii"
    plain = expanded(code, ["-DCHAR_BIT=8"], tmp_path)
    assert 'identifier "__builtin_c' in errors_of(front_end, plain, preprocessed)
    microsofts = [f"-I{header / 'microsoft'}", *LIKE_MSVC, *by_force(header)]
    assert not errors_of(
        front_end, expanded(code, ["-DCHAR_BIT=8", *microsofts], tmp_path), preprocessed
    )


def expanded(code: str, options: Sequence[str], folder: Path) -> str:
    """Preprocess a text; GCC's own header for size_t says more than ISO C++ has."""
    (folder / "stddef.h").write_text("typedef long ptrdiff_t;\n")
    command = [needs("g++"), "-E", "-P", f"-I{folder}", *options, "-x", "c++", "-"]
    done = subprocess.run(command, input=code, check=True, capture_output=True, text=True)
    return done.stdout


@pytest.mark.parametrize("language", ["c", "c++"])
def test_it_is_nothing_at_all_elsewhere(language: str, header: Path) -> None:
    command = [needs("g++"), "-E", "-P", "-x", language, "wheelwright_windows.h"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=header)
    assert not done.stdout.strip()


@pytest.mark.parametrize("language", ["c", "c++"])
def test_it_may_be_included_twice(language: str, header: Path, tmp_path: Path) -> None:
    code = '#include "wheelwright_windows.h"\nuint one; ssize_t two;\n'
    strict = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"]
    command = [needs("x86_64-w64-mingw32-g++"), "-x", language, *strict, *by_force(header)]
    assert not errors_of(command, code, tmp_path / "extract.cpp")
