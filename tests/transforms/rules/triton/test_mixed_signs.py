"""A number beside an unsigned tensor takes its type, where the file shows that it is one."""

from __future__ import annotations

import pytest

from tests.transforms.rules.triton.conftest import RuleTester
from transforms.rules.triton.mixed_signs import RULE

TESTER = RuleTester(RULE)


def in_kernel(line: str) -> str:
    return (
        "@triton.jit\n"
        "def kernel(p, n, C: tl.constexpr):\n"
        "    u = tl.load(p).to(tl.uint32)\n"
        "    w = tl.cast(n, tl.uint64)\n"
        "    b = tl.load(p).to(tl.uint8)\n"
        "    s = tl.load(p).to(tl.int32)\n"
        f"    {line}\n"
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = u // C", "x = u // tl.full((), C, tl.uint32)"),
        ("x = u // 4", "x = u // tl.full((), 4, tl.uint32)"),
        ("x = u % 4", "x = u % tl.full((), 4, tl.uint32)"),
        ("x = u / 4", "x = u / tl.full((), 4, tl.uint32)"),
        ("x = w // C", "x = w // tl.full((), C, tl.uint64)"),
        ("x = C // u", "x = tl.full((), C, tl.uint32) // u"),
        ("x = (u + C - 1) // C", "x = (u + C - 1) // tl.full((), C, tl.uint32)"),
        ("x = (u * s) // 2", "x = (u * s) // tl.full((), 2, tl.uint32)"),
        ("x = (u + w) // 2", "x = (u + w) // tl.full((), 2, tl.uint64)"),
        ("x = u[:, None] // (C)", "x = u[:, None] // (tl.full((), C, tl.uint32))"),
        ("u //= C", "u //= tl.full((), C, tl.uint32)"),
        ("u %= 3", "u %= tl.full((), 3, tl.uint32)"),
        ("x = (u // C) // 2", "x = (u // tl.full((), C, tl.uint32)) // tl.full((), 2, tl.uint32)"),
    ],
)
def test_gives_a_number_the_type(before: str, after: str) -> None:
    TESTER.assert_changes(in_kernel(before), in_kernel(after))


@pytest.mark.parametrize(
    "line",
    [
        "x = s // C",
        "x = n // C",
        "x = tl.load(p) // 4",
        "x = u // n",
        "x = u // s",
        "x = u + C",
        "x = b // 2",
        "x = b * 3 // 2",
        "x = (u > 4) // 2",
        "x = u % C",
        "x = u / C",
        "x = u / 2.0",
        "x = u * 0.5 // 2",
        "x = u // True",
        "x = C // 2",
    ],
)
def test_leaves_what_it_cannot_tell_alone(line: str) -> None:
    TESTER.assert_untouched(in_kernel(line))


def test_a_name_that_lives_before_a_loop_keeps_its_type_in_it() -> None:
    kernel = """
        @triton.jit
        def kernel(p, n, C: tl.constexpr):
            kept = tl.zeros((), dtype=tl.uint32)
            for i in range(n):
                kept += tl.sum(tl.load(p) > 0)
                other = tl.zeros((), dtype=tl.uint32)
                other += tl.load(p)
            unrolled = tl.zeros((), dtype=tl.uint32)
            for i in tl.static_range(4):
                unrolled = unrolled + tl.load(p)
            tl.store(p, {})
            tl.store(p, other // C + unrolled // C)
        """
    TESTER.assert_changes(
        kernel.format("kept // C"), kernel.format("kept // tl.full((), C, tl.uint32)")
    )


def test_leaves_other_functions_alone() -> None:
    TESTER.assert_untouched(
        """
        import gluon

        @gluon.jit
        def other(p):
            return tl.load(p).to(tl.uint32) // 4

        def host(p):
            return tl.load(p).to(tl.uint32) // 4
        """
    )
