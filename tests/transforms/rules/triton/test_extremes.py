"""`max` and `min` of constexpr values become conditions that mean the same, and others stay."""

from __future__ import annotations

from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transforms.rules.triton.conftest import HEAD, RuleTester
from transforms.rules.triton.extremes import RULE


@pytest.fixture(scope="module")
def extremes() -> RuleTester:
    """The rule `extremes`."""
    return RuleTester(RULE)


def test_a_block_s_size_becomes_a_condition(extremes: RuleTester) -> None:
    extremes.assert_changes(
        """
        @triton.jit
        def kernel(p, DIM: tl.constexpr):
            BLOCK: tl.constexpr = max(16, triton.next_power_of_2(DIM))
            HALF: tl.constexpr = min(DIM, BLOCK // 2) // 2
            tl.store(p + tl.arange(0, BLOCK), tl.zeros([HALF], tl.int32))
        """,
        """
        @triton.jit
        def kernel(p, DIM: tl.constexpr):
            BLOCK: tl.constexpr = """
        "triton.next_power_of_2(DIM) if triton.next_power_of_2(DIM) > 16 else 16"
        """
            HALF: tl.constexpr = ((BLOCK // 2) if (BLOCK // 2) < DIM else DIM) // 2
            tl.store(p + tl.arange(0, BLOCK), tl.zeros([HALF], tl.int32))
        """,
    )


def test_what_stands_on_several_lines_gets_parentheses(extremes: RuleTester) -> None:
    extremes.assert_changes(
        """
        @triton.jit
        def kernel(p, DIM: tl.constexpr):
            BLOCK: tl.constexpr = max(
                16,  # the least
                triton.cdiv(
                    DIM, 2
                ),
            )
            tl.store(p + tl.arange(0, BLOCK), 0)
        """,
        """
        @triton.jit
        def kernel(p, DIM: tl.constexpr):
            BLOCK: tl.constexpr = (triton.cdiv(
                    DIM, 2
                ) if triton.cdiv(
                    DIM, 2
                ) > 16 else 16)
            tl.store(p + tl.arange(0, BLOCK), 0)
        """,
    )


@pytest.mark.parametrize("expression", ["max(a, b)", "min(a, b)", "max(a, min(b, c)) + min(c, a)"])
@given(values=st.tuples(*[st.integers(-4, 4) | st.sampled_from([-0.0, 0.0, 1.5])] * 3))
def test_python_says_that_the_condition_is_the_extreme(
    extremes: RuleTester, expression: str, values: tuple[float, ...]
) -> None:
    kernel = "@triton.jit\ndef kernel():\n    X: tl.constexpr = {}\n    tl.arange(0, X)\n"
    before = HEAD + kernel.format(expression)
    after, _ = extremes.apply(before)
    (line,) = [line for line in after.splitlines() if "X:" in line]
    written = line.partition(" = ")[2]
    names = dict(zip("abc", values, strict=True))
    expected, found = (eval(code, dict(names)) for code in (expression, written))  # noqa: S307
    assert "max(" not in written
    assert "min(" not in written
    assert repr(found) == repr(expected)


@pytest.mark.parametrize(
    "use",
    ["if X > 2:\n        p += 1", "Y: tl.constexpr = X * 2", "p += p[X]", "p += -X if X else p"],
)
def test_whatever_needs_the_constant_counts(extremes: RuleTester, use: str) -> None:
    head = HEAD + "@triton.jit\ndef kernel(p, A: tl.constexpr):\n    X: tl.constexpr = "
    tail = f"\n    {use}\n"
    assert extremes.apply(f"{head}max(A, 4){tail}") == (f"{head}4 if 4 > A else A{tail}", None)


def test_leaves_alone_what_may_be_a_tensor_or_another_function(extremes: RuleTester) -> None:
    extremes.assert_untouched(
        """
        def biggest(values):
            BLOCK: tl.constexpr = max(values, 4)
            return tl.arange(0, BLOCK)

        @triton.jit
        def kernel(p, n, A: tl.constexpr):
            last = min(n, A)
            tl.store(p + tl.arange(0, A), max(last, 0))
            for i in range(0, min(n, A)):
                B: tl.constexpr = max(A)
                C: tl.constexpr = tl.max(A, 4)
                D: tl.constexpr = max(A, 4, 8) + max(A, *(4,)) + max(A, 4, key=A)
                E: tl.int32 = max(A, 4)
                F = max(A, 4)
                tl.arange(0, B + C + D + E + F)

        @triton.jit
        def min(a, b):
            return b

        @triton.jit
        def mine(p, A: tl.constexpr):
            BLOCK: tl.constexpr = min(A, 4)
            tl.store(p + tl.arange(0, BLOCK), 0)
        """
    )


def test_leaves_alone_what_may_be_of_another_module(extremes: RuleTester) -> None:
    extremes.assert_untouched(
        """
        from elsewhere import *

        @triton.jit
        def kernel(p, A: tl.constexpr):
            BLOCK: tl.constexpr = max(A, 4)
            tl.store(p + tl.arange(0, BLOCK), 0)
        """
    )


def test_leaves_alone_what_is_only_counted_with(extremes: RuleTester) -> None:
    extremes.assert_untouched(
        """
        @triton.jit
        def kernel(p, n, A: tl.constexpr):
            heads: tl.constexpr = min(A, 4)
            first = n * heads + tl.arange(0, A)
            valid = (first < (n + 1) * heads) & (first < A)
            first += -heads
            tl.store(p + first, valid)
        """
    )


def test_a_condition_within_another_is_written_once(extremes: RuleTester) -> None:
    before = """
        @triton.jit
        def kernel(p, A: tl.constexpr, B: tl.constexpr):
            X: tl.constexpr = max(max(A, B), 4)
            tl.arange(0, X)
        """
    after, problem = extremes.apply(HEAD + dedent(before))
    assert problem is None
    assert "X: tl.constexpr = 4 if 4 > (B if B > A else A) else (B if B > A else A)\n" in after
