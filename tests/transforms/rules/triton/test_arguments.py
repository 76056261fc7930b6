"""What becomes of arguments that an old line's functions do not take, and what stays."""

from __future__ import annotations

from textwrap import dedent

import pytest

from tests.transforms.rules.triton.conftest import HEAD, RuleTester
from transforms.rules.triton.arguments import Arguments
from transforms.rules.triton.dialect import Argument, Instead

_IMPORTED = "from vllm import wheelwright_triton\n" + HEAD


@pytest.fixture(scope="module")
def arguments() -> RuleTester:
    """A rule for a line that lacks a hint, an argument, and one that it takes for another."""
    return RuleTester(
        Arguments.of(
            [
                Argument(function="triton.language.range", name=name, instead=Instead.NOTHING)
                for name in ("flatten", "unroll")
            ]
            + [
                Argument(function="triton.language.cat", name="dim", instead=Instead.HELPER),
                Argument(
                    function="triton.language.softmax",
                    name="dim",
                    instead=Instead.HELPER,
                    position=1,
                ),
            ]
        )
    )


def test_a_hint_goes_and_the_other_arguments_stay(arguments: RuleTester) -> None:
    arguments.assert_changes(
        """
        @triton.jit
        def kernel(p, n):
            for i in tl.range(0, n, unroll=4, num_stages=2, flatten=True):
                tl.store(p + i, i)
        """,
        """
        @triton.jit
        def kernel(p, n):
            for i in tl.range(0, n, num_stages=2):
                tl.store(p + i, i)
        """,
    )


def test_neighbouring_hints_go_with_their_lines(arguments: RuleTester) -> None:
    arguments.assert_changes(
        """
        @triton.jit
        def kernel(p, n, FACTOR: tl.constexpr):
            for i in tl.range(
                0,
                n,  # the end
                flatten=True,  # one loop
                unroll=FACTOR,
            ):
                tl.store(p + i, i)
            for i in tl.range(n, unroll=FACTOR, flatten=True):
                tl.store(p + i, i)
            for i in tl.range(flatten=True, unroll=FACTOR, arg1=n):
                tl.store(p + i, i)
        """,
        """
        @triton.jit
        def kernel(p, n, FACTOR: tl.constexpr):
            for i in tl.range(
                0,
                n,  # the end
            ):
                tl.store(p + i, i)
            for i in tl.range(n):
                tl.store(p + i, i)
            for i in tl.range(arg1=n):
                tl.store(p + i, i)
        """,
    )


def test_a_function_that_needs_the_argument_is_the_runtime_module_s(arguments: RuleTester) -> None:
    before = """
        @triton.jit
        def first(x):
            return tl.softmax(x, dim=1)

        @triton.jit
        def second(x, y):
            return tl.cat(tl.softmax(x, dim=0), y, dim=1)
        """
    after = """
        @triton.jit
        def first(x):
            return wheelwright_triton.softmax(x, dim=1)

        @triton.jit
        def second(x, y):
            return wheelwright_triton.cat(wheelwright_triton.softmax(x, dim=0), y, dim=1)
        """
    found, problem = arguments.apply(HEAD + dedent(before))
    assert (found, problem) == (_IMPORTED + dedent(after), None)


def test_one_import_is_one_site_whatever_the_number_of_calls(arguments: RuleTester) -> None:
    arguments.assert_changes(
        """
        from triton.language import cat

        @triton.jit
        def first(x, y):
            return cat(x, y, dim=1)

        @triton.jit
        def second(x, y):
            return cat(x, y, dim=0)
        """,
        """
        from triton.language import cat

        from vllm import wheelwright_triton

        @triton.jit
        def first(x, y):
            return wheelwright_triton.cat(x, y, dim=1)

        @triton.jit
        def second(x, y):
            return wheelwright_triton.cat(x, y, dim=0)
        """,
        head="import triton\n",
    )


def test_an_axis_by_position_is_no_rounding_mode(arguments: RuleTester) -> None:
    changed, _ = arguments.apply(
        HEAD
        + dedent(
            """
            @triton.jit
            def kernel(x, AXIS: tl.constexpr):
                return tl.softmax(x, 1) + tl.softmax(x, AXIS) + tl.softmax(x, 0) + tl.softmax(x)
            """
        )
    )
    assert (
        "return wheelwright_triton.softmax(x, 1) + wheelwright_triton.softmax(x, AXIS)"
        " + tl.softmax(x, 0) + tl.softmax(x)" in changed
    )


def test_leaves_alone_what_is_not_triton_s_or_not_in_a_kernel(arguments: RuleTester) -> None:
    arguments.assert_untouched(
        """
        import torch
        import cutlass.cute as cute

        def host(x, n):
            tl.softmax(x, dim=0)
            return torch.softmax(x, dim=0)

        @cute.jit
        def other(n):
            for i in tl.range(n, flatten=True):
                pass

        @triton.jit
        def softmax(x, dim: tl.constexpr):
            return x

        @triton.jit
        def kernel(x, y, n):
            for i in range(n):
                x = softmax(x, dim=0)
            for i in tl.static_range(0, 4):
                x += 1
            for i in tl.range(n, num_stages=2):
                x += tl.sum(x, axis=0)
            return tl.cat(x, y, can_reorder=True)
        """
    )
