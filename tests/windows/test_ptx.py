"""Changed CUDA files compile to the PTX that upstream's do: what is changed is spelling alone."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.windows.ptx import compile_ptx, normalised
from tests.windows.release import built_file, built_folder, stock_file, stock_folder

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.ptx

# Each is changed by another rule. Most files of 0.33.0 take seconds, for they use torch's stable
# ABI, whose headers are small; the others take half a minute each.
QUICK = [
    ("0.33.0", "csrc/quantization/activation_kernels.cu"),
    ("0.33.0", "csrc/attention/merge_attn_states.cu"),
    ("0.33.0", "csrc/quantization/awq/gemm_kernels.cu"),
    ("0.33.0", "csrc/quantization/w8a8/fp8/common.cu"),
]
SLOW = [
    ("0.33.0", "csrc/quantization/fused_kernels/fused_layernorm_dynamic_per_token_quant.cu"),
    ("0.33.0", "csrc/mamba/selective_scan_fwd.cu"),
    ("0.14.1", "csrc/quantization/activation_kernels.cu"),
    ("0.14.1", "csrc/attention/merge_attn_states.cu"),
]


FILES = [*(pytest.param(*file, marks=pytest.mark.windows) for file in QUICK), *SLOW]


@pytest.mark.parametrize(("version", "path"), FILES)
def test_a_changed_file_compiles_to_upstreams_ptx(version: str, path: str, tmp_path: Path) -> None:
    assert built_file(version, path) != stock_file(version, path)
    stock = compile_ptx(stock_folder(version), path, tmp_path / "stock")
    ours = compile_ptx(built_folder(version), path, tmp_path / "ours")
    assert any(".entry" in unit for unit in stock)
    assert ours == stock


@pytest.mark.windows
def test_a_change_of_meaning_is_seen_in_the_ptx(tmp_path: Path) -> None:
    """Were it not, equal PTX would prove nothing."""
    version, path = "0.33.0", "csrc/quantization/awq/gemm_kernels.cu"
    changed = tmp_path / "tree"
    shutil.copytree(stock_folder(version) / "csrc", changed / "csrc")
    text = (changed / path).read_text(encoding="utf-8")
    other = text.replace("sub.f16x2", "add.f16x2", 1)
    assert other != text, "see what upstream made of that file"
    (changed / path).write_text(other, encoding="utf-8")
    stock = compile_ptx(stock_folder(version), path, tmp_path / "stock")
    assert compile_ptx(changed, path, tmp_path / "changed") != stock


@pytest.mark.windows
def test_only_names_order_and_data_that_is_never_read_are_left_out() -> None:
    ptx = """\
// Compiler Build ID: CL-1
.version 9.0

	// .globl	second
.global .align 1 .b8 _ZN9_INTERNAL_2d175eb1_7_some_file_cu_24caddba5emptyE[1];
.global .align 4 .b8 table[8] = {1, 2, 3, 4, 5, 6, 7, 8};
.visible .entry second(
	.param .u64 second_param_0
)
{
	bra.uni $L__BB1_3;
	// begin inline asm
{ add.f16 %rs1,%rs2,%rs3;
}
	mov.u64 %rd1, table;
}
.visible .func first
{
	call _ZN9_INTERNAL_2d175eb1_7_some_file_cu_24caddba4usedE;
}
"""
    table, version, second, first = normalised(ptx)
    assert table == ".global .align 4 .b8 table[8] = {1, 2, 3, 4, 5, 6, 7, 8};"
    assert version == ".version 9.0"
    assert second.splitlines() == [
        ".visible .entry second(",
        "\t.param .u64 second_param_0",
        ")",
        "{",
        "\tbra.uni $L__BB_3;",
        "{ add.f16 %rs1,%rs2,%rs3;",
        "}",
        "\tmov.u64 %rd1, table;",
        "}",
    ]
    assert first.splitlines() == [
        ".visible .func first",
        "{",
        "\tcall _ZN9_INTERNAL_7_some_file_cu4usedE;",
        "}",
    ]
