"""nvcc's error 1835, `__host__` on a variable template: upstream's header has it, ours has none.

The real header and a real use of it are compiled, with stand-ins for what they take from torch.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.windows.extracts import definition, errors_of
from tests.windows.release import built, built_file, stock_file, tree
from tests.windows.tools import needs
from transforms.engine.cpp.files import CPP
from transforms.platforms.windows._folders import NOT_FOR_WINDOWS

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.windows

PATCH = "windows/msvc_variable_templates"
RELEASES = ["0.14.1", "0.33.0"]
# A type of torch's as far as the header asks: bits, a largest value, and what it is as a float.
FLOAT8 = """
#pragma once
#include <cstdint>
#include <limits>
#include <type_traits>
#define C10_HOST_DEVICE __host__ __device__
#define C10_DEVICE __device__
#define C10_ALWAYS_INLINE __forceinline__
namespace torch { namespace headeronly {
template <int Kind>
struct Float8 {
  struct from_bits_t {};
  static constexpr from_bits_t from_bits() { return {}; }
  uint8_t x;
  constexpr C10_HOST_DEVICE Float8(uint8_t bits, from_bits_t) : x(bits) {}
  inline C10_HOST_DEVICE explicit Float8(float value) : x(value) {}
  inline C10_HOST_DEVICE operator float() const { return x; }
};
using Float8_e4m3fn = Float8<0>;
using Float8_e4m3fnuz = Float8<1>;
}}
namespace c10 { using namespace torch::headeronly; }
template <int Kind>
struct std::numeric_limits<torch::headeronly::Float8<Kind>> {
  static constexpr auto max() { return torch::headeronly::Float8<Kind>(0x7E, {}); }
};
"""
HEADERS = (
    "torch/types.h",
    "c10/util/Float8_e4m3fn.h",
    "torch/headeronly/macros/Macros.h",
    "torch/headeronly/util/Float8_e4m3fn.h",
)
PROGRAM = """
#include "utils.cuh"
{use}
__global__ void kernel(float x, c10::Float8_e4m3fn* y, float* least) {{
  *y = float_to_fp8<c10::Float8_e4m3fn>(x);
  *least = min_scaling_factor<c10::Float8_e4m3fn>::val() + min_scaling_factor<int8_t>::val();
}}
"""


def _errors(header: bytes, use: bytes, folder: Path) -> str:
    for path in HEADERS:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text('#include "float8.h"\n')
    (folder / "float8.h").write_text(FLOAT8)
    (folder / "utils.cuh").write_bytes(header)
    program = PROGRAM.format(use=definition(use, "float_to_fp8", begins="template"))
    command = [
        *(needs("nvcc"), "-std=c++17", "-arch=sm_80", "--expt-relaxed-constexpr"),
        *("--diag-error", "1835", f"-I{folder}", "-ptx", "-o", "a.ptx"),
    ]
    return errors_of(command, program, folder / "a.cu")


@pytest.mark.parametrize("release", RELEASES)
def test_nvcc_says_nothing_of_attributes_any_more(release: str, tmp_path: Path) -> None:
    header, use = (
        next(path for path in tree(release) if path.endswith(f"csrc/quantization/{name}"))
        for name in ("utils.cuh", "fused_kernels/quant_conversions.cuh")
    )
    stock = [stock_file(release, path) for path in (header, use)]
    ours = [built_file(release, path, PATCH) for path in (header, use)]
    said = _errors(stock[0], stock[1], tmp_path)
    assert re.search(r'attribute "__host__" does not apply here', said)
    assert _errors(ours[0], ours[1], tmp_path) == ""
    # A use that was left would not compile, in whichever file.
    assert _errors(ours[0], stock[1], tmp_path) != ""
    assert _errors(stock[0], ours[1], tmp_path) != ""


@pytest.mark.parametrize("release", RELEASES)
def test_every_use_in_the_tree_is_a_call(release: str) -> None:
    use = re.compile(rb"quant_type_max_v\s*<[^<>]*>")
    call = re.compile(use.pattern + rb"\s*\(\)")
    stock, ours = (
        b"\n".join(
            files.read(path)
            for path in files
            if path.startswith("csrc/")
            and path.endswith(CPP)
            and not path.startswith(NOT_FOR_WINDOWS)
        )
        for files in (tree(release), built(release, PATCH))
    )
    assert len(use.findall(stock)) == len(call.findall(ours)) > 8
    assert len(call.findall(stock)) == 0
    assert len(use.findall(ours)) == len(call.findall(ours))
    assert stock.count(b"quant_type_max_v") == ours.count(b"quant_type_max_v")
