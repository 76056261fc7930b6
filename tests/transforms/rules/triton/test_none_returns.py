"""`return None` of a function that Triton compiles becomes `return`."""

from __future__ import annotations

import pytest

from tests.transforms.rules.triton.conftest import RuleTester
from transforms.rules.triton.none_returns import RULE

TESTER = RuleTester(RULE)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("return None", "return"),
        ("return  None  # nothing", "return  # nothing"),
        ("return (None)", "return"),
        ("return(None)", "return"),
        ("return (\n        None\n    )", "return"),
        ("return \\\n        None", "return"),
        ("x = 1; return None; y = 2", "x = 1; return; y = 2"),
        ("if p: return None", "if p: return"),
    ],
)
def test_takes_none_away(before: str, after: str) -> None:
    kernel = "@triton.jit\ndef kernel(p):\n    {}\n"
    TESTER.assert_changes(kernel.format(before), kernel.format(after))


def test_leaves_other_returns_and_functions_alone() -> None:
    TESTER.assert_untouched(
        """
        import gluon

        @triton.jit
        def kernel(p):
            if p is None:
                return
            if p:
                return 0
            return (p, None)

        @gluon.jit
        def other(p):
            return None

        def host(p):
            return None
        """
    )


def test_refuses_to_lose_a_comment() -> None:
    problem = TESTER.assert_refused(
        "@triton.jit\ndef kernel(p):\n    return (  # for now\n        None\n    )\n"
    )
    assert (problem.scope, problem.line) == ("kernel", 6)
    assert "comment" in problem.reason
