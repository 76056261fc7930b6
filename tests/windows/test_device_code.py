"""What kernels say to CUDA, they say in a way that nvcc takes with any host compiler."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.windows.extracts import errors_of, statements
from tests.windows.front_end import strict_front_end
from tests.windows.release import built_file, stock_file
from tests.windows.tools import needs

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.windows

RELEASES = ["0.14.1", "0.33.0"]
AWQ = "csrc/quantization/awq/gemm_kernels.cu"
STATES = "csrc/attention/merge_attn_states.cu"
# As in Microsoft's library, isinf is a template of the host in this `std`.
MICROSOFTS = """
#include <limits>
namespace microsofts {
using std::numeric_limits;
template <typename Number> bool isinf(Number number) { return number - number != 0; }
}
#define std microsofts
"""


@pytest.mark.parametrize("release", RELEASES)
def test_assembly_is_no_extension_of_gccs(release: str, tmp_path: Path) -> None:
    """The front end also refuses `volatile` and operands, which nvcc takes everywhere."""
    stock = stock_file(release, AWQ)
    ours = built_file(release, AWQ, "windows/msvc_inline_assembly")
    gccs, every = (
        statements(stock, lambda words: "__asm__" in words),
        statements(ours, lambda words: "asm" in words),
    )
    assert len(gccs) == 10
    assert not statements(ours, lambda words: bool(words & {"__asm__", "__volatile__"}))
    assert len(every) == len(statements(stock, lambda words: "asm" in words)) + len(gccs)
    unknown = 'identifier "__asm__" is undefined'
    for found in (gccs, every):
        said = errors_of(
            strict_front_end(17),
            "".join(f"void f() {{ {each} }}" for each in found),
            tmp_path / "a.ii",
        )
        assert said.count(unknown) == (len(gccs) if found is gccs else 0)


@pytest.mark.parametrize("release", RELEASES)
def test_infinity_is_asked_of_cuda(release: str, tmp_path: Path) -> None:
    command = [needs("nvcc"), "-std=c++17", "--expt-relaxed-constexpr", "-ptx"]
    command += ["-o", str(tmp_path / "extract.ptx")]
    said = []
    for data in (stock_file(release, STATES), built_file(release, STATES, "windows/msvc_isinf")):
        found = statements(data, lambda words: "isinf" in words and "_lse" in " ".join(words))
        assert len(found) == 2
        body = "\n".join(found)
        code = f"{MICROSOFTS}__global__ void f(float p_lse, float s_lse) {{ {body} }}\n"
        said.append(errors_of(command, code, tmp_path / "extract.cu"))
    stock, ours = said
    assert "calling a __host__ function" in stock
    assert "microsofts::isinf" in stock
    assert not ours
