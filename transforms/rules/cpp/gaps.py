"""What stands between the tokens of native code: space, or comments that must not be lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transforms.engine.cpp.code import Code


def only_space(code: Code, first: int, last: int) -> bool:
    """Tell whether nothing but white space and line splices is between some tokens.

    Args:
        code: the file.
        first: the index of the first of them.
        last: the index of the last of them.
    """
    between = zip(code.tokens[first:last], code.tokens[first + 1 : last + 1], strict=True)
    return not any(
        code.data[left.end : right.start].replace(b"\\\n", b"").replace(b"\\\r\n", b"").strip()
        for left, right in between
    )
