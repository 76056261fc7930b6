"""What old Triton has widened is narrowed before its bits are read, where that is exact."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transforms.rules.triton.conftest import RuleTester
from transforms.rules.triton.bitcasts import RULE

TESTER = RuleTester(RULE)


def in_kernel(line: str) -> str:
    return (
        "@triton.jit\n"
        "def kernel(p, n, C: tl.constexpr):\n"
        "    lo = tl.load(p).to(tl.uint16)\n"
        "    hi = tl.load(p + 1).to(tl.uint16)\n"
        "    sum = lo + 1\n"
        "    wide = tl.load(p).to(tl.uint32)\n"
        f"    x = {line}\n"
    )


@pytest.mark.parametrize(
    ("before", "narrowed"),
    [
        ("(lo | (hi << 8))", "tl.uint16"),
        ("(lo | hi << C)", "tl.uint16"),
        ("(hi * 256 + lo)", "tl.uint16"),
        ("((hi << 8) ^ (lo & 255))", "tl.uint16"),
        ("(lo[:, None] & 0x7FFF)", "tl.uint16"),
        ("(tl.load(p).to(tl.int16) - 1)", "tl.int16"),
        ("(  # low (and\n        lo | hi << 8\n    )", "tl.uint16"),
    ],
)
def test_narrows_before_the_bits_are_read(before: str, narrowed: str) -> None:
    TESTER.assert_changes(
        in_kernel(f"{before}.to(tl.float16, bitcast=True)"),
        in_kernel(f"{before}.to({narrowed}).to(tl.float16, bitcast=True)"),
    )


@pytest.mark.parametrize(
    "line",
    [
        "(lo | hi).to(tl.float16, bitcast=True)",
        "lo.to(tl.float16, bitcast=True)",
        "(lo | hi << 8).to(tl.float16)",
        "(lo | hi << 8).to(tl.float16, bitcast=False)",
        "(lo | hi << 8).to(tl.float16, bitcast=C)",
        "(hi >> 8 | 1).to(tl.float16, bitcast=True)",
        "(hi // 8 | 1).to(tl.float16, bitcast=True)",
        "(sum << 8).to(tl.float16, bitcast=True)",
        "(n << 8).to(tl.float16, bitcast=True)",
        "(wide << 8).to(tl.float32, bitcast=True)",
        "(lo | hi << 8).to(tl.uint16).to(tl.float16, bitcast=True)",
    ],
)
def test_leaves_the_rest_alone(line: str) -> None:
    TESTER.assert_untouched(in_kernel(line))


def test_leaves_other_functions_alone() -> None:
    TESTER.assert_untouched(
        """
        def host(p):
            lo = tl.load(p).to(tl.uint16)
            return (lo << 8).to(tl.float16, bitcast=True)
        """
    )


@given(st.integers(0, 2**16 - 1), st.integers(0, 2**16 - 1), st.integers(0, 15))
def test_low_bits_depend_on_low_bits_alone(lo: int, hi: int, by: int) -> None:
    """In Python's unbounded integers, of which 32 bits are a part, and in 16 bits."""
    mask = 2**16 - 1
    for wide, narrow in (
        (lo | hi << by, lo | (hi << by & mask)),
        ((hi << by) * lo, (hi << by & mask) * lo & mask),
        ((hi << by) + lo - 1, (hi << by & mask) + lo - 1),
        ((hi << by) ^ (lo & hi), (hi << by & mask) ^ (lo & hi)),
    ):
        assert wide & mask == narrow & mask
