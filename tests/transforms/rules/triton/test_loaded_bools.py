"""Loads whose values are used as bools are found, and no others."""

from __future__ import annotations

import pytest

from tests.transforms.rules.triton.conftest import RuleTester
from transforms.rules.triton.loaded_bools import RULE

TESTER = RuleTester(RULE)
HEAD = "from vllm.triton_utils import tl, triton\n\n\n"
IMPORT = "from vllm import wheelwright_triton\n"


def in_kernel(*lines: str) -> str:
    body = "".join(f"    {line}\n" for line in lines)
    return f"@triton.jit\ndef kernel(p, q, n, m, C: tl.constexpr):\n{body}"


@pytest.mark.parametrize(
    "use",
    [
        "if not x: pass",
        "y = ~x",
        "y = x and n > 0",
        "y = n == 1 or x",
        "y = x & (tl.load(q) > 0)",
        "y = (tl.arange(0, 4) < n) | x[:, None]",
        "y = x ^ (tl.program_id(0) == 0)",
        "y = tl.load(q, mask=x)",
        "tl.store(q, n, mask=(x))",
        "while x: n += 1",
    ],
)
def test_finds_the_load_of_a_name_that_is_used_as_a_bool(use: str) -> None:
    before = in_kernel("x = tl.load(p)", use)
    after = in_kernel("x = wheelwright_triton.load(p)", use)
    TESTER.assert_changes(HEAD + before, IMPORT + HEAD + after, head="")


@pytest.mark.parametrize(
    "use",
    [
        "y = x + 1",
        "y = x & n",
        "y = x & 255",
        "if x: pass",
        "y = tl.load(q, x)",
        "y = -x",
        "y = not n",
        "y = x > 0 and n > 0",
        "y = tl.load(q, mask=x > 0, other=x)",
        "y = ~(x > 0)",
    ],
)
def test_leaves_other_loads_alone(use: str) -> None:
    TESTER.assert_untouched(in_kernel("x = tl.load(p)", use))


def test_finds_loads_behind_choices_and_other_names() -> None:
    TESTER.assert_changes(
        """
        from vllm.triton_utils import tl, triton

        @triton.jit
        def kernel(p, q, C: tl.constexpr):
            x = True if p is None else tl.load(p)
            if C:
                y = tl.load(q, mask=tl.load(p + 1), other=0)
            else:
                y = x
            z = tl.load(p) + 1
            if not y:
                tl.store(q, not tl.load(p + 2))
                tl.store(q, z)
        """,
        """
        from vllm import wheelwright_triton
        from vllm.triton_utils import tl, triton

        @triton.jit
        def kernel(p, q, C: tl.constexpr):
            x = True if p is None else wheelwright_triton.load(p)
            if C:
                y = wheelwright_triton.load(q, mask=wheelwright_triton.load(p + 1), other=0)
            else:
                y = x
            z = tl.load(p) + 1
            if not y:
                tl.store(q, not wheelwright_triton.load(p + 2))
                tl.store(q, z)
        """,
        head="",
    )


def test_knows_load_by_what_it_is() -> None:
    TESTER.assert_changes(
        """
        import triton
        import triton.language as lang
        from triton.language import load
        from vllm import envs

        @triton.jit
        def kernel(p, tl):
            if not lang.load(p) and not load(p) and not tl.load(p):
                pass
        """,
        """
        import triton
        import triton.language as lang
        from triton.language import load
        from vllm import envs, wheelwright_triton

        @triton.jit
        def kernel(p, tl):
            if not wheelwright_triton.load(p) and not wheelwright_triton.load(p) and not tl.load(p):
                pass
        """,
        head="",
    )


def test_a_name_bound_to_itself_ends() -> None:
    TESTER.assert_untouched(in_kernel("x = n", "y = x", "x = y", "y = not x", "z = tl.load(p)"))


def test_leaves_other_functions_alone() -> None:
    TESTER.assert_untouched(
        """
        import gluon

        @gluon.jit
        def other(p):
            return not tl.load(p)

        def host(p):
            return not tl.load(p)
        """
    )
