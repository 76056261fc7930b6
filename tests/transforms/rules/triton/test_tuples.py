"""A variable that stands for a tuple becomes one for each value, or stays as it is."""

from __future__ import annotations

from textwrap import dedent

import pytest

from tests.transforms.rules.triton.conftest import HEAD, RuleTester
from transforms.rules.triton.tuples import RULE


@pytest.fixture(scope="module")
def tuples() -> RuleTester:
    """The rule `tuples`."""
    return RuleTester(RULE)


def test_what_a_call_returns_is_taken_apart(tuples: RuleTester) -> None:
    tuples.assert_changes(
        """
        @triton.jit
        def both(x, y):
            if x:
                return x, y
            return (y, x)

        @triton.jit
        def again(x, y):
            return both(x, y)

        @triton.jit
        def kernel(p, a, b):
            for i in range(4):
                found = again(a, b)
                tl.store(p + i, found[0] - found[-1])
        """,
        """
        @triton.jit
        def both(x, y):
            if x:
                return x, y
            return (y, x)

        @triton.jit
        def again(x, y):
            return both(x, y)

        @triton.jit
        def kernel(p, a, b):
            for i in range(4):
                found_0, found_1 = again(a, b)
                tl.store(p + i, found_0 - found_1)
        """,
    )


def test_results_of_assembly_are_as_many_as_their_types(tuples: RuleTester) -> None:
    tuples.assert_changes(
        """
        @triton.jit
        def parts(x, y, i):
            first = tl.inline_asm_elementwise("", "=r,=r,r", [x], (i, i), True, 1)
            second = tl.inline_asm_elementwise("", "=r,=r,r", [y], dtype=(i,) * 2)
            third = (i,)
            return first[1] + second[1] + third[0]
        """,
        """
        @triton.jit
        def parts(x, y, i):
            first_0, first_1 = tl.inline_asm_elementwise("", "=r,=r,r", [x], (i, i), True, 1)
            second_0, second_1 = tl.inline_asm_elementwise("", "=r,=r,r", [y], dtype=(i,) * 2)
            third_0, = (i,)
            return first_1 + second_1 + third_0
        """,
    )


_SUMS = """
@triton.jit
def kernel(p, a, b, c):
    rows = (a, b + 1, c)
    total = rows[1] * 100
    for axis in tl.static_range(3):
        for other in tl.static_range(1, 3):
            total += (axis + 2) * rows[axis] - rows[-1] * rows[other]
    a = b = c = 7
    for axis in tl.static_range(2, -4, -2):
        total = total * 3 + rows[axis]
    return total
"""


def test_python_gives_the_same_sums_before_and_after(tuples: RuleTester) -> None:
    after, problem = tuples.apply(HEAD + dedent(_SUMS))
    assert problem is None
    assert "rows[" not in after

    class Language:
        static_range = range

    def result(code: str) -> object:
        names: dict[str, object] = {"tl": Language}
        exec(code.replace(HEAD, "").replace("@triton.jit", ""), names)  # noqa: S102
        kernel = names["kernel"]
        assert callable(kernel)
        return [kernel(None, *values) for values in ((2, 3, 5), (-1, 0, 4))]

    assert result(after) == result(HEAD + _SUMS)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("x = (a, b)\nx = (b, a)\np += x[0]", id="assigned twice"),
        pytest.param("p += b[0]\nb = (a, a)", id="a parameter until then"),
        pytest.param("x = (a, b)\nx += (a,)\np += x[0]", id="grows"),
        pytest.param("x = y = (a, b)\np += x[0]", id="assigned together"),
        pytest.param("x = (a, b)\np += x[0] + other(x)", id="used whole"),
        pytest.param("x = (a, b)\np += x[2]", id="out of bounds"),
        pytest.param("x = (a, b)\np += x[-3]", id="out of bounds from the end"),
        pytest.param("x = (a, b)\np += x[a]", id="an index that nobody counts"),
        pytest.param("x = (a, b)\np += x[True]", id="an index that is no number"),
        pytest.param("x = (a, b)\nfor i in range(2):\n    p += x[i]", id="counted at run time"),
        pytest.param("x = (a, b)\nfor i in tl.range(2):\n    p += x[i]", id="counted by tl.range"),
        pytest.param(
            "x = (a, b)\nfor i in tl.static_range(3):\n    p += x[i]", id="counted too far"
        ),
        pytest.param("x = (a, b)\nfor i in tl.static_range(a):\n    p += x[i]", id="counted to n"),
        pytest.param(
            "x = (a, b)\nfor i in tl.static_range(2):\n    i = a\n    p += x[i]", id="counted anew"
        ),
        pytest.param(
            "x = (a, b)\nfor i in tl.static_range(2):\n    p += a\np += x[i]", id="after the count"
        ),
        pytest.param(
            "x = (a, b)\nfor i in tl.static_range(2):\n    p += a\nelse:\n    p += x[i]",
            id="at the end of the count",
        ),
        pytest.param("x = (a, *b)\np += x[0]", id="a length that nobody knows"),
        pytest.param("x = other(a)\np += x[0]", id="returns no tuple"),
        pytest.param("x = unknown(a)\np += x[0]", id="a function of another module"),
        pytest.param("x = either(a)\np += x[0]", id="returns of several lengths"),
        pytest.param("x = sometimes(a)\np += x[0]", id="returns nothing at times"),
        pytest.param("x = twofold(a)\np += x[0]", id="defined twice"),
        pytest.param("x = endless(a)\np += x[0]", id="returns its own result"),
        pytest.param("x = host(a)\np += x[0]", id="a function that Triton does not compile"),
        pytest.param("x = (a, b)\nx_1 = a\np += x[0] + x_1", id="a name that is taken"),
        pytest.param("x = (a, b)\np += x_0 + x[0]", id="a name of the module"),
        pytest.param("x = a\np += x[None, :]", id="a tensor"),
        pytest.param("x = (a, b)", id="not used"),
    ],
)
def test_leaves_alone_what_is_not_surely_elements_of_one_tuple(
    tuples: RuleTester, body: str
) -> None:
    helpers = """
        from elsewhere import unknown

        x_0 = tl.constexpr(1)

        @triton.jit
        def other(x):
            return x

        @triton.jit
        def either(x):
            if x:
                return x, x
            return x, x, x

        @triton.jit
        def sometimes(x):
            if x:
                return
            return x, x

        if triton.__version__:

            @triton.jit
            def twofold(x):
                return x, x

        else:

            def twofold(x):
                return x, x, x

        @triton.jit
        def endless(x):
            return endless(x)

        def host(x):
            return x, x
        """
    kernel = "@triton.jit\ndef kernel(p, a, b):\n" + "".join(
        f"    {line}\n" for line in body.splitlines()
    )
    tuples.assert_untouched(dedent(helpers) + "\n" + kernel)
