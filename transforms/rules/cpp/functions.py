"""Which function a token stands in, and whether that runs on the host or on the device.

CUDA says so before the function's name: `__global__` and `__device__`. A lambda belongs to the
function around it. Nothing is guessed: where a macro stands before the name, it is looked up in the
file, and where that does not help, a rule has to refuse.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from transforms.engine.cpp.code import CLOSING, OPENING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transforms.engine.cpp.code import Code

CUDA = (".cu", ".cuh", ".h", ".hpp", ".inl")
"""The files that may hold code for a device; all others are compiled by the host's compiler."""

_DEVICE = frozenset({"__device__", "__global__"})
_HOST = "__host__"
_STATEMENTS = frozenset({"if", "for", "while", "switch", "catch", "else", "do", "try", "return"})
_SCOPES = frozenset({"namespace", "class", "struct", "union", "enum", "extern"})
_ENDS = frozenset({";", "{", "}"})
_KNOWN = frozenset({"__inline__", "__inline", "__forceinline__", "__noinline__", _HOST, *_DEVICE})


class Side(Enum):
    """Where a piece of code runs."""

    HOST = "host"
    DEVICE = "device"
    UNKNOWN = "unknown"


def side_of(code: Code, index: int, path: str) -> Side:
    """Tell where the code at a token runs.

    Args:
        code: the file.
        index: into its significant tokens.
        path: the file's name.

    Returns:
        Unknown for what several sides compile, as `__host__ __device__` and a macro's body.
    """
    if not path.endswith(CUDA):
        return Side.HOST
    if code.tokens[index].directive:
        return Side.UNKNOWN
    for brace in _braces_around(code, index):
        head = _head(code, brace)
        if _is_function(code, head):
            return _side(code, [code.tokens[each].text for each in head])
    return Side.UNKNOWN


def _braces_around(code: Code, index: int) -> Iterator[int]:
    """Give the opening braces around a token, the innermost first."""
    at = index - 1
    while at >= 0:
        token = code.tokens[at]
        if not token.directive:
            if token.text in CLOSING and at in code.partner:
                at = code.partner[at]
            elif OPENING.get(token.text) == "}":
                yield at
        at -= 1


def _head(code: Code, brace: int) -> list[int]:
    """Give what a brace belongs to: the tokens back to the end of what stands before it.

    Groups are passed over, but for the brackets that a lambda's captures stand in.
    """
    head: list[int] = []
    at = brace - 1
    while at >= 0:
        token = code.tokens[at]
        if not token.directive:
            # What opens a group has the brace in an argument, as a lambda often is.
            if token.text in _ENDS or token.text in OPENING:
                break
            head.append(at)
            if token.text in CLOSING:
                at = code.partner.get(at, at)
                head.append(at)
        at -= 1
    return head[::-1]


def _is_function(code: Code, head: Sequence[int]) -> bool:
    """Tell whether the tokens before a brace are those of a function's definition."""
    texts = _declaration([code.tokens[each].text for each in head])
    if "(" not in texts or "=" in texts or _STATEMENTS & set(texts):
        return False
    opened = texts.index("(")
    if "]" in texts[:opened] and _captures(texts[:opened]):
        return False
    # `struct S* f() {` is a function, `struct alignas(16) S {` and `struct S : T<f()> {` are not.
    return not (_SCOPES & set(texts[:opened]) and texts[-1] != ")")


def _declaration(head: Sequence[str]) -> Sequence[str]:
    """Give what is behind the parameters of a template, whose defaults look like assignments."""
    while head[:2] == ["template", "<"]:
        depth, at = 1, 2
        while depth and at < len(head):
            depth += (head[at] == "<") - (head[at] == ">")
            at += 1
        head = head[at:]
    return head


def _captures(texts: Sequence[str]) -> bool:
    """Tell whether the brackets among these are a lambda's, and not those of an attribute."""
    last = len(texts) - 1 - texts[::-1].index("]")
    return last == len(texts) - 1


def _side(code: Code, head: Sequence[str]) -> Side:
    declaration = _declaration(head)
    words = set(declaration[: declaration.index("(") - 1])
    meant = words.union(*(_defined_as(code, word) for word in words))
    if meant & _DEVICE:
        return Side.UNKNOWN if _HOST in meant else Side.DEVICE
    return Side.UNKNOWN if any(_is_macro(word) for word in words - _KNOWN) else Side.HOST


def _defined_as(code: Code, word: str) -> set[str]:
    """Give the words of all macros of that name in the file."""
    found: set[str] = set()
    for at in code.places.get(word, ()):
        number = code.tokens[at].directive
        if number and code.directive_name(number) == "define":
            first, last = code.directive_spans[number]
            if at == first + 2:
                found.update(token.text for token in code.tokens[at + 1 : last])
    return found


def _is_macro(word: str) -> bool:
    """Tell whether a word is written as macros are, and so may say anything."""
    return word.startswith("__") or (len(word) > 1 and word.isupper())
