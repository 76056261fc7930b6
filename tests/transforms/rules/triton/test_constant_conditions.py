"""What constexpr decide is decided before the rest is compiled, and means what it meant."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transforms.rules.triton.boolean_expressions import EXPRESSIONS, Truth, kernel_with
from tests.transforms.rules.triton.conftest import RuleTester
from transforms.rules.triton.constant_conditions import RULE

TESTER = RuleTester(RULE)


def in_kernel(expression: str) -> str:
    return (
        "@triton.jit\n"
        "def kernel(p, q, u, C: tl.constexpr, D: tl.constexpr):\n"
        "    t = tl.load(p)\n"
        f"    x = {expression}\n"
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("C and t > 0", "(False if not C else t > 0)"),
        ("C or t > 0", "(True if C else t > 0)"),
        ("not C and t", "(False if C else t)"),
        ("not C or t", "(True if not C else t)"),
        ("(not C) and t", "(False if not (not C) else t)"),
        ("not(C) and (t)", "(False if (C) else (t))"),
        ("C > 2 and D and t", "(False if not C > 2 else False if not D else t)"),
        ("C and t and t > 2", "(False if not C else t and t > 2)"),
        ("C and t and u and t", "(False if not C else t and (u and t))"),
        ("t and C and t", "t and (False if not C else t)"),
        ("t and u and C and t and u", "t and (u and (False if not C else t and u))"),
        ("t and C and u and D and t", "t and (False if not C else u and (False if not D else t))"),
        ("C or t and D", "(True if C else t and D)"),
        ("C and t or D and t", "(False if not C else t) or (False if not D else t)"),
        ("C and (D or t)", "(False if not C else ((True if D else t)))"),
        ("not (C and t)", "not ((False if not C else t))"),
        ("u is not None and u", "(False if not u is not None else u)"),
        ("(C and D) or t", "(True if (C and D) else t)"),
        ("C and u", "(False if not C else u)"),
        (
            "t.dtype.is_fp8() and t.dtype != q.dtype.element_ty",
            "(False if not tl.constexpr(t.dtype.is_fp8()) else t.dtype != q.dtype.element_ty)",
        ),
        (
            "(t.dtype == tl.int8) and t > 0",
            "(False if not tl.constexpr((t.dtype == tl.int8)) else t > 0)",
        ),
        ("t.dtype == tl.int8 or C", "(True if t.dtype == tl.int8 else C)"),
        (
            "isinstance(q, tl.tensor) and q.dtype.is_ptr()",
            "(False if not tl.constexpr(isinstance(q, tl.tensor)) else q.dtype.is_ptr())",
        ),
    ],
)
def test_decides_early(before: str, after: str) -> None:
    TESTER.assert_changes(in_kernel(before), in_kernel(after))


@pytest.mark.parametrize(
    "expression",
    [
        "C and D",
        "C > 0 or D > 0 or C == 2",
        "t and C",
        "t > 0 and t < 2",
        "u and t",
        "u > 1 and t",
        "u and t and C and D",
        "t and t.dtype.is_fp8()",
    ],
)
def test_leaves_the_rest_alone(expression: str) -> None:
    TESTER.assert_untouched(in_kernel(expression))


def test_a_constexpr_that_is_stored_is_a_tensor() -> None:
    TESTER.assert_untouched(
        """
        @triton.jit
        def kernel(p, C: tl.constexpr, D: tl.constexpr):
            is_first = C > 1
            if is_first and tl.load(p):
                pass
        """
    )


def test_knows_constexpr_of_a_body_a_module_and_an_unrolled_loop() -> None:
    TESTER.assert_changes(
        """
        LIMIT = tl.constexpr(4)
        WIDE: tl.constexpr = 4
        PLAIN = 4

        @triton.jit
        def kernel(p, n: "tl.constexpr"):
            HALF: tl.constexpr = n // 2
            for i in tl.static_range(4):
                a = i > 2 and tl.load(p)
            for j in range(4):
                b = j > 2 and tl.load(p)
            c = HALF > 1 and tl.load(p)
            d = LIMIT > 1 and tl.load(p)
            e = WIDE > 1 and tl.load(p)
            f = PLAIN and tl.load(p)
        """,
        """
        LIMIT = tl.constexpr(4)
        WIDE: tl.constexpr = 4
        PLAIN = 4

        @triton.jit
        def kernel(p, n: "tl.constexpr"):
            HALF: tl.constexpr = n // 2
            for i in tl.static_range(4):
                a = (False if not i > 2 else tl.load(p))
            for j in range(4):
                b = j > 2 and tl.load(p)
            c = (False if not HALF > 1 else tl.load(p))
            d = (False if not LIMIT > 1 else tl.load(p))
            e = (False if not WIDE > 1 else tl.load(p))
            f = PLAIN and tl.load(p)
        """,
    )


def test_keeps_comments_and_line_breaks() -> None:
    TESTER.assert_changes(
        """
        @triton.jit
        def kernel(p, C: tl.constexpr):
            if (
                C  # or (this
                and tl.load(p) > 0  # and that
            ):
                pass
        """,
        """
        @triton.jit
        def kernel(p, C: tl.constexpr):
            if (
                (False if not C  # or (this
                else tl.load(p) > 0)  # and that
            ):
                pass
        """,
    )


def test_leaves_other_functions_alone() -> None:
    TESTER.assert_untouched(
        """
        import gluon

        @gluon.jit
        def other(p, C: tl.constexpr):
            return C and tl.load(p)

        def host(p, C: tl.constexpr):
            return C and tl.load(p)
        """
    )


def test_says_so_where_nothing_stands_for_the_language() -> None:
    problem = TESTER.assert_refused(
        "from triton import jit\n\n"
        "@jit\ndef kernel(p, C):\n    if p.dtype.is_fp8() and C:\n        pass\n",
        head="",
    )
    assert (problem.scope, problem.line) == ("kernel", 5)
    assert "no name for Triton's language" in problem.reason


@given(EXPRESSIONS, st.sets(st.sampled_from("abcde")), st.data())
def test_the_result_is_the_same_and_so_is_all_that_is_asked(
    expression: str, constant: set[str], data: st.DataObject
) -> None:
    named = (f"{name}: tl.constexpr" if name in constant else name for name in "abcde")
    before = kernel_with(expression, ", ".join([*named, "same"]))
    after, problem = TESTER.apply(before)
    assert problem is None
    for node in ast.walk(ast.parse(after)):
        if isinstance(node, ast.BoolOp):
            # The name of each operand that is one; all others are not constexpr in themselves.
            names = [each.id if isinstance(each, ast.Name) else "" for each in node.values]
            behind = [set(names[number:]) for number in range(len(names))]
            assert all(
                rest <= constant or "" in rest
                for name, rest in zip(names, behind, strict=True)
                if name in constant
            )
    truths = {name: data.draw(st.booleans(), label=name) for name in "abcde"}
    assert Truth.evaluated(before, truths) == Truth.evaluated(after, truths)
