"""Chains of `and` and `or` become operations of two operands, and mean what they meant."""

from __future__ import annotations

import ast
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transforms.rules.triton.boolean_expressions import EXPRESSIONS, Truth, kernel_with
from tests.transforms.rules.triton.conftest import HEAD, RuleTester
from transforms.rules.triton.boolean_chains import RULE

TESTER = RuleTester(RULE)


def in_kernel(expression: str) -> str:
    return f"@triton.jit\ndef kernel(a, b, c, d, e):\n    x = {expression}\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a and b and c", "a and (b and c)"),
        ("a or b or c or d", "a or (b or (c or d))"),
        ("a and b and c or d", "a and (b and c) or d"),
        ("a or b and c and d", "a or b and (c and d)"),
        ("a or b or c and d and e", "a or (b or c and (d and e))"),
        ("not a and not b and not c", "not a and (not b and not c)"),
        ("(a) and (b) and ((c))", "(a) and ((b) and ((c)))"),
        ("(a and b and c) or d", "(a and (b and c)) or d"),
        ("(a or b or c) and (c or d or e) and e", "(a or (b or c)) and ((c or (d or e)) and e)"),
        ("a and b and (c or d or e)", "a and (b and (c or (d or e)))"),
        ("a < b and b < (c) and f(d and e, a)", "a < b and (b < (c) and f(d and e, a))"),
        ("f(a and b and c)[d or e or a]", "f(a and (b and c))[d or (e or a)]"),
        ("a and b and c if d or e or a else b", "a and (b and c) if d or (e or a) else b"),
        ("a and(b) and c", "a and((b) and c)"),
        ("a and b and tl.int8.is_int()", "a and (b and tl.int8.is_int())"),
        ("größe and b != 'ü or' and c", "größe and (b != 'ü or' and c)"),
    ],
)
def test_nests_a_chain_to_the_right(before: str, after: str) -> None:
    TESTER.assert_changes(in_kernel(before), in_kernel(after))


def test_keeps_comments_and_line_breaks() -> None:
    TESTER.assert_changes(
        """
        @triton.jit
        def kernel(a, b, c):
            if (
                a > 0  # (one and
                # and two)
                and (b > 0  # three
                )
                and c > 0  # or four
            ):
                pass
            x = a and \\
                b and c
        """,
        """
        @triton.jit
        def kernel(a, b, c):
            if (
                a > 0  # (one and
                # and two)
                and ((b > 0  # three
                )
                and c > 0)  # or four
            ):
                pass
            x = a and \\
                (b and c)
        """,
    )


def test_keeps_the_line_ends_of_the_file() -> None:
    before = (HEAD + in_kernel("(a\n    and b\n    and c)")).replace("\n", "\r\n")
    after = (HEAD + in_kernel("(a\n    and (b\n    and c))")).replace("\n", "\r\n")
    assert TESTER.apply(before) == (after, None)


def test_reaches_every_place_of_a_kernel() -> None:
    TESTER.assert_changes(
        """
        @triton.jit
        def kernel(a, b, c):
            while a and b and c:
                assert a or b or c, f"{a and b and c}"
                tl.store(a, b, mask=a and b and c)
            return a or b or c
        """,
        """
        @triton.jit
        def kernel(a, b, c):
            while a and (b and c):
                assert a or (b or c), f"{a and b and c}"
                tl.store(a, b, mask=a and (b and c))
            return a or (b or c)
        """,
    )


def test_leaves_pairs_and_other_functions_alone() -> None:
    TESTER.assert_untouched(
        """
        import gluon

        @triton.jit
        def kernel(a, b, c, d):
            x = (a and b) and (c or d)
            y = a and b or c and d

        @gluon.jit
        def other(a, b, c):
            return a and b and c

        def host(a, b, c):
            kernel[(1,)](a and b and c)
            return a or b or c
        """
    )


def test_leaves_what_constexpr_decide_to_its_own_rule() -> None:
    TESTER.assert_untouched(
        """
        @triton.jit
        def kernel(a, b, C: tl.constexpr):
            if C and a > 0 and tl.load(b) > 0:
                pass
        """
    )


@given(EXPRESSIONS, st.data())
def test_the_result_is_the_same_and_so_is_all_that_is_asked(
    expression: str, data: st.DataObject
) -> None:
    before = kernel_with(expression)
    after, problem = TESTER.apply(before)
    assert problem is None
    assert all(
        len(node.values) == len(("left", "right"))
        for node in ast.walk(ast.parse(after))
        if isinstance(node, ast.BoolOp)
    )
    truths = {name: data.draw(st.booleans(), label=name) for name in "abcde"}
    assert Truth.evaluated(before, truths) == Truth.evaluated(after, truths)


def test_the_oracle_sees_another_order() -> None:
    truths = dict.fromkeys("abcde", True)
    one, other = (kernel_with(dedent(text)) for text in ("a and b", "b and a"))
    assert Truth.evaluated(one, truths) != Truth.evaluated(other, truths)
