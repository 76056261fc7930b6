"""The kernel that moves 16 and 8 bytes at once, cut out of upstream's file."""

from __future__ import annotations

from tests.windows.extracts import statements
from tests.windows.release import tree

# What the statements name, and what they make of it.
_WORDS = frozenset({"smem_128", "s_hidden_load", "smem_load_ptr", "input_128_ptr", "load_ptr"})
_HALVES = frozenset(
    {"smem_compute_ptr", "s_gate64_ptr", "s_up64_ptr", "gate64_ptr", "up64_ptr", "gate64", "up64"}
)
_TYPES = frozenset({"__int128_t", "int4"})
_HALF_TYPES = frozenset({"__int64_t", "int64_t"})
_HEAD = """
#define __shared__
#define __align__(bytes)
int warp_id, lane_id, base_i, gate_warp_offset, H, stride_i_h, compute_pipeline_offset_64;
const int NUM_STAGES = 3, GROUP_SIZE = 128;
"""


def path_in(release: str) -> str:
    """Give the file's path in a release."""
    (path,) = (
        each for each in tree(release) if each.endswith("quantization/activation_kernels.cu")
    )
    return path


def kernel(data: bytes, *, halves: bool) -> str:
    """Give a program with all statements of the file that name the types in question.

    Args:
        data: the file.
        halves: also those of 8 bytes.
    """

    def wanted(words: set[str]) -> bool:
        if words & _HALF_TYPES:
            return halves and bool(words & _HALVES)
        return bool(words & _TYPES and words & _WORDS)

    lines = statements(data, wanted)
    assert len(lines) == (14 if halves else 7), lines
    return f"{_HEAD}void kernel(const short* _input) {{\n" + "\n".join(lines) + "\n}\n"
