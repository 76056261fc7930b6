"""Mamba's scan: the launch chooses the kernel that upstream's chooses, on CUDA and on ROCm."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.windows.extracts import definition, errors_of, up_to
from tests.windows.release import built_file, stock_file
from tests.windows.tools import needs

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.windows

PATCH = "windows/msvc_selective_scan"
# The file, and the header that has the macro which it uses.
FILES = {
    "0.14.1": (
        "csrc/mamba/mamba_ssm/selective_scan_fwd.cu",
        "csrc/mamba/mamba_ssm/static_switch.h",
        "BOOL_SWITCH",
    ),
    "0.33.0": (
        "csrc/mamba/selective_scan_fwd.cu",
        "csrc/dispatch_utils.h",
        "VLLM_STABLE_DISPATCH_BOOL",
    ),
}
# What upstream's code is written against; the "kernel" says what it was instantiated with.
STUBS = """
#include <cstdio>
#include <initializer_list>
#define C10_CUDA_CHECK(call) call
#define C10_HIP_CHECK(call) call
#define STD_CUDA_CHECK(call) call
#define C10_CUDA_KERNEL_LAUNCH_CHECK() puts("checked")
#define STD_CUDA_KERNEL_LAUNCH_CHECK() puts("checked")
constexpr int MAX_DSTATE = 256;
using cudaStream_t = int;
enum { cudaFuncAttributeMaxDynamicSharedMemorySize, hipFuncAttributeMaxDynamicSharedMemorySize };
struct dim3 { int x, y; dim3(int x, int y) : x(x), y(y) {} };
struct SSMParamsBase { int seqlen, batch, dim; const void *z_ptr, *query_start_loc_ptr; };
template <int threads, int items, int rows, bool even, bool B, bool C, bool z, bool varlen,
          typename input_t, typename weight_t, typename state_t>
struct Selective_Scan_fwd_kernel_traits {
  using scan_t = double;
  static constexpr int kNThreads = threads, kSmemSize = threads * items * 32 - even - z - varlen;
  static void say() {
    printf("<%d %d %d %d%d%d%d%d %zu%zu%zu>", threads, items, rows, even, B, C, z, varlen,
           sizeof(input_t), sizeof(weight_t), sizeof(state_t));
  }
};
template <typename Ktraits> void selective_scan_fwd_kernel(SSMParamsBase) { Ktraits::say(); }
template <typename Kernel>
void cudaFuncSetAttribute(Kernel, int, int size) { printf("CUDA %d", size); }
void hipFuncSetAttribute(const void*, int, int size) { printf("HIP %d", size); }
template <typename Kernel>
void launch(Kernel kernel, dim3 grid, int threads, int memory, cudaStream_t stream,
            SSMParamsBase params) {
  kernel(params);
  printf(" %d %d %d %d %d ", grid.x, grid.y, threads, memory, stream);
}
"""
CALLS = """
template <int threads, int items, typename input_t> void each(int seqlen) {
  for (const void* z : {(const void*)nullptr, (const void*)STUB}) {
    for (const void* start : {(const void*)nullptr, (const void*)STUB}) {
      SSMParamsBase params{seqlen, 3, 5, z, start};
      selective_scan_fwd_launch<threads, items, input_t, float, double>(params, 7);
    }
  }
}
int main() {
  for (int seqlen : {0, 1, 127, 128, 256, 2048, 2049}) {
    each<32, 4, short>(seqlen);
    each<128, 16, float>(seqlen);
  }
}
""".replace("STUB", '"some"')
LAUNCH = re.compile(r"kernel<<<(.*?)>>>\(params\);")


def launched(data: bytes, macro: str, options: list[str], folder: Path) -> str:
    """Run a file's launch with every choice, and give what it launches and how."""
    functions = [
        definition(data, name, begins="template")
        for name in ("selective_scan_fwd_dispatch", "selective_scan_fwd_launch")
        if f"void {name}".encode() in data
    ]
    code = LAUNCH.sub(r"launch(kernel, \1, params);", "\n".join(functions))
    assert "<<<" not in code
    folder.mkdir()
    command = [needs("g++"), "-std=c++17", *options, "-o", str(folder / "program")]
    assert not errors_of(command, f"{STUBS}{macro}{code}{CALLS}", folder / "program.cpp")
    done = subprocess.run([str(folder / "program")], check=True, capture_output=True, text=True)
    return done.stdout


@pytest.mark.parametrize("options", [[], ["-DUSE_ROCM"]], ids=["CUDA", "ROCm"])
@pytest.mark.parametrize("version", FILES)
def test_each_choice_launches_upstreams_kernel(
    version: str, options: list[str], tmp_path: Path
) -> None:
    path, header, name = FILES[version]
    macro = up_to(stock_file(version, header) + b"\n\n", f"#define {name}(", "\n\n") + "\n"
    stock = launched(stock_file(version, path), macro, options, tmp_path / "stock")
    ours = launched(built_file(version, path, PATCH), "", options, tmp_path / "ours")
    assert ours == stock
    assert len(set(re.findall(r"<.*?>", ours))) == 16, "eight kernels of each size"
    assert ("HIP" if options else "CUDA") in ours
    assert ("CUDA" if options else "HIP") not in ours
