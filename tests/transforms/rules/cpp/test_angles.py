"""Which `>` closes the `<` of a template."""

from __future__ import annotations

import pytest

from transforms.engine.cpp.code import Code
from transforms.rules.cpp.angles import closing_angle


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("<a>", "<a>"),
        ("<a, b<c>> d", "<a, b<c>>"),
        ("<(a > b), c> d", "<(a > b), c>"),
        ("<T, enable_if<(n < 3)>{}> x", "<T, enable_if<(n < 3)>{}>"),
        ("<> x", "<>"),
        ("<a->b>", "<a->b>"),
        ("< b; c > d", None),
        ("< b) > d", None),
        ("< b", None),
    ],
)
def test_finds_the_bracket(code: str, expected: str | None) -> None:
    tokens = Code(code.encode())
    closing = closing_angle(tokens, 0)
    assert (closing if closing is None else tokens.text(0, closing + 1)) == expected
