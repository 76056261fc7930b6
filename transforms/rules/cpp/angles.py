"""The angle brackets of templates, which are brackets only where a template's name is before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transforms.engine.cpp.code import CLOSING

if TYPE_CHECKING:
    from transforms.engine.cpp.code import Code


def closing_angle(code: Code, opening: int) -> int | None:
    """Give the index of the `>` that closes the `<` of a template; None where nothing does.

    Groups in brackets are passed over as wholes, so `<(a > b), c>` is closed by its last one.

    Args:
        code: the file.
        opening: the index of the `<`.
    """
    depth, index = 0, opening
    while index < len(code.tokens):
        text = code.tokens[index].text
        if text == ";" or text in CLOSING:
            return None
        depth += (text == "<") - (text == ">")
        if not depth:
            return index
        index = code.end_of_unit(index)
    return None
