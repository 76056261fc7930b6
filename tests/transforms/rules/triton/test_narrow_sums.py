"""Sums that may be of narrow integers are found; those that show that they are not stay."""

from __future__ import annotations

import pytest

from tests.transforms.rules.triton.conftest import RuleTester
from transforms.rules.triton.narrow_sums import RULE

TESTER = RuleTester(RULE)
HEAD = "from vllm.triton_utils import tl, triton\n\n\n"
IMPORT = "from vllm import wheelwright_triton\n"


def in_kernel(*lines: str) -> str:
    body = "".join(f"    {line}\n" for line in lines)
    return f"@triton.jit\ndef kernel(p, n, C: tl.constexpr):\n    x = tl.load(p)\n{body}"


@pytest.mark.parametrize(
    "summed",
    [
        "x > 0",
        "(x > 0) & (x < n)",
        "~(x > 0)",
        "x",
        "x * x",
        "n",
        "x.to(tl.int8)",
        "x.to(tl.uint16) << 3",
        "tl.where(x > 0, x, 0)",
        "input=x",
        "x.to(n)",
        "x.to(tl.int32) if n else x",
    ],
)
def test_a_sum_of_what_may_be_narrow_calls_the_module(summed: str) -> None:
    before = in_kernel(f"y = tl.sum({summed})", f"z = tl.cumsum({summed}, axis=0)")
    after = in_kernel(
        f"y = wheelwright_triton.sum({summed})",
        f"z = wheelwright_triton.cumsum({summed}, axis=0)",
    )
    TESTER.assert_changes(HEAD + before, IMPORT + HEAD + after, head="")


@pytest.mark.parametrize(
    "summed",
    [
        "x.to(tl.float32)",
        "input=x.to(tl.float32)",
        "x.to(tl.bfloat16) * 2",
        "x.to(tl.int32)",
        "x.to(tl.uint64) & 1",
        "(x > 0).to(tl.int32)",
        "tl.exp(x) / n",
        "x * 0.5",
        "tl.arange(0, 4)",
        "tl.where(x > 0, 1.0, 0.0)",
        "tl.sum(x.to(tl.float32), axis=1)",
        "tl.zeros((4,), dtype=tl.float32) + n",
        "tl.zeros((4,), tl.int64)",
        "tl.maximum(x.to(tl.float32), 0.0)",
        "tl.abs(x.to(tl.float32))",
        "x.to(tl.float32) if n else tl.exp(x)",
    ],
)
def test_a_sum_of_what_is_wide_stays(summed: str) -> None:
    TESTER.assert_untouched(in_kernel(f"y = tl.sum({summed})", f"z = tl.cumsum({summed}, axis=0)"))


def test_a_name_is_as_wide_as_all_that_it_is_bound_to() -> None:
    TESTER.assert_changes(
        """
        from vllm.triton_utils import tl, triton

        @triton.jit
        def kernel(p, n):
            wide = tl.load(p).to(tl.float32)
            if n:
                wide = wide * 2
            mixed = tl.load(p).to(tl.float32)
            if n:
                mixed = tl.load(p)
            total = tl.zeros((4,), dtype=tl.float32)
            for i in range(n):
                total += tl.load(p)
            tl.store(p, tl.sum(wide) + tl.sum(mixed) + tl.sum(total))
        """,
        """
        from vllm import wheelwright_triton
        from vllm.triton_utils import tl, triton

        @triton.jit
        def kernel(p, n):
            wide = tl.load(p).to(tl.float32)
            if n:
                wide = wide * 2
            mixed = tl.load(p).to(tl.float32)
            if n:
                mixed = tl.load(p)
            total = tl.zeros((4,), dtype=tl.float32)
            for i in range(n):
                total += tl.load(p)
            tl.store(p, tl.sum(wide) + wheelwright_triton.sum(mixed) + tl.sum(total))
        """,
        head="",
    )


def test_leaves_other_sums_and_functions_alone() -> None:
    TESTER.assert_untouched(
        """
        import gluon
        import torch

        @triton.jit
        def kernel(p, q):
            return q.sum(p) + torch.sum(p) + sum(p)

        @gluon.jit
        def other(p):
            return tl.sum(p)

        def host(p):
            return tl.sum(p)
        """
    )
