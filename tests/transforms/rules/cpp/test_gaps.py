"""What stands between tokens."""

from __future__ import annotations

import pytest

from transforms.engine.cpp.code import Code
from transforms.rules.cpp.gaps import only_space


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a b", True),
        ("a \t\n b", True),
        ("a \\\n b", True),
        ("a \\\r\n b", True),
        ("a /**/ b", False),
        ("a // c\n b", False),
    ],
)
def test_tells_space_from_comments(text: str, *, expected: bool) -> None:
    assert only_space(Code(text.encode()), 0, 1) is expected


def test_asks_between_the_tokens_that_are_named_only() -> None:
    code = Code(b"a /**/ b c /**/ d")
    assert only_space(code, 1, 2)
    assert not only_space(code, 1, 3)
