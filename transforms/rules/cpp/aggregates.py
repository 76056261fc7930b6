"""Types whose members are given in braces: which members they have, and in which order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.cpp.tokens import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.cpp.code import Code

_ENDS_A_NAME = frozenset({";", "=", "{", "["})
_NO_MEMBER = frozenset(
    {"using", "typedef", "static_assert", "friend", "public", "static", "struct", "enum"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate:
    """A struct without constructors and bases.

    Attributes:
        name: its name, without namespaces.
        members: the names of its members, in the order of their declarations.
        functions: functions of one parameter, which is of this type: what is in braces as their
            only argument is a value of it.
    """

    name: str
    members: tuple[str, ...]
    functions: tuple[str, ...] = ()


CUDA_RAW_TYPES = (
    Aggregate(name="__half_raw", members=("x",)),
    Aggregate(name="__half2_raw", members=("x", "y")),
    Aggregate(name="__nv_bfloat16_raw", members=("x",)),
    Aggregate(name="__nv_bfloat162_raw", members=("x", "y")),
)
"""The bits of CUDA's small floats, from the toolkit's cuda_fp16.h and cuda_bf16.h."""


def members_of(name: str, code: Code) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Give where a file defines a type, and its members.

    What is no plain list of members (bases, functions, several names in one declaration, branches
    of `#if`) has the member `?`, which is nobody's.

    Args:
        name: the type's name.
        code: the file.
    """
    for index in code.places.get(name, ()):
        introduced = index and code.tokens[index - 1].text in {"struct", "class", "union"}
        opening = index + 1
        if not introduced or (opening not in code.partner and code.text_at(opening) != ":"):
            continue
        plain = code.text_at(opening) == "{" and code.tokens[index - 1].text == "struct"
        yield index, tuple(_members(code, opening)) if plain else ("?",)


def _members(code: Code, opening: int) -> Iterator[str]:
    first, last = opening + 1, code.partner[opening]
    while first < last:
        end = first
        while end < last and code.text_at(end) != ";":
            end = code.end_of_unit(end)
        yield _member(code, first, end)
        first = end + 1


def _member(code: Code, first: int, end: int) -> str:
    """Give the name that one declaration declares, if it is plain."""
    depth, index = 0, first
    while index < end:
        text = code.text_at(index)
        depth += (text == "<") - (text == ">")
        if not depth and text in _ENDS_A_NAME:
            break
        if (
            (not depth and text in {",", "(", ":"})
            or text in _NO_MEMBER
            or code.tokens[index].directive
        ):
            return "?"
        index = code.end_of_unit(index)
    named = index > first + 1 and code.tokens[index - 1].kind is Kind.IDENTIFIER
    return code.text_at(index - 1) if named else "?"
