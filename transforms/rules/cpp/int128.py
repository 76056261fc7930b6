"""CUDA's `int4` for `__int128_t`, where that is no more than a word of 16 bytes.

MSVC has no integer of 128 bits. What vLLM has them for is to move 16 bytes at once: pointers to
shared and global memory. `int4` has the same size and alignment, and is in every file that nvcc
compiles. It has no arithmetic, so a place that works with a value is refused; one that is hidden
from the rule does not compile any more, anywhere, and is never another result.

Before::

    extern __shared__ __align__(16) __int128_t words[];
    const __int128_t* from = reinterpret_cast<const __int128_t*>(input) + lane;
    copy_async(words + lane, from);

After::

    extern __shared__ __align__(16) int4 words[];
    const int4* from = reinterpret_cast<const int4*>(input) + lane;
    copy_async(words + lane, from);
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.cpp.code import code_of
from transforms.engine.cpp.tokens import Kind
from transforms.engine.edit import Found
from transforms.engine.site import text_site
from transforms.rules.cpp.refusal import Refusal, found_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from transforms.engine.cpp.code import Code
    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Source

_TYPES = ("__int128_t", "__uint128_t", "__int128")
_WORD = "int4"
_QUALIFIERS = frozenset({"const", "volatile", "__restrict__", "__restrict", "restrict"})
_SIGNS = frozenset({"unsigned", "signed"})
_DECLARES = frozenset({"struct", "class", "union", "using", "enum", "define"})
_ENDS = frozenset({";", "{", "}"})


@dataclass(frozen=True, slots=True)
class _Int128:
    """The rule; see the module."""

    name: str = "int128"
    needles: tuple[bytes, ...] = (b"int128",)

    def match(self, source: Source) -> Found:
        """Find the integers of 128 bits in one file."""
        if b"__int128" not in source.data and b"__uint128_t" not in source.data:
            return Found()
        code = source.once(code_of)
        return found_in(self.name, source, code, _found(source, code))


RULE = _Int128()


def _found(source: Source, code: Code) -> Iterator[Site | Refusal]:
    uses = sorted(index for name in _TYPES for index in code.places.get(name, ()))
    pointers: set[str] = set()
    for index in uses:
        reason = _reason_against(source, code, index)
        if reason:
            yield Refusal(index, reason)
            continue
        pointers |= _declared(code, index)
        first = index - 1 if code.text_at(index - 1) in _SIGNS else index
        start, end = code.tokens[first].start, code.tokens[index].end
        yield text_site(source, start, end, _WORD)
    yield from _values(code, _with_copies(code, pointers))


def _reason_against(source: Source, code: Code, index: int) -> str:
    """Say why this use of the type is more than a word in memory; empty where it is not."""
    if not source.path.endswith((".cu", ".cuh")):
        return f"{_WORD} is CUDA's, and this file need not be compiled as CUDA"
    if any(code.text_at(place - 1) in _DECLARES for place in code.places.get(_WORD, ())):
        return f"this file has its own {_WORD}"
    if code.text_at(index - 1) in _DECLARES:
        return f"this file says itself what {code.text_at(index)} is"
    behind = _behind_qualifiers(code, index + 1)
    if code.text_at(behind) == "*" or _is_shared_array(code, behind):
        return ""
    if code.text_at(behind) == ")" and code.text_at(index - 2) in {"sizeof", "alignof"}:
        return ""
    return f"it is a value here, and {_WORD} has no arithmetic"


def _is_shared_array(code: Code, index: int) -> bool:
    """Tell whether a name and `[` are those of memory that threads share."""
    if code.text_at(index + 1) != "[":
        return False
    first = index
    while first and code.text_at(first - 1) not in _ENDS:
        first -= 1
    return "__shared__" in {token.text for token in code.tokens[first:index]}


def _declared(code: Code, index: int) -> set[str]:
    """Give the variable that a use of the type declares, if it declares one."""
    at = _behind_qualifiers(code, index + 1)
    while code.text_at(at) == "*":
        at = _behind_qualifiers(code, at + 1)
    named = at < len(code.tokens) and code.tokens[at].kind is Kind.IDENTIFIER
    return {code.text_at(at)} if named else set()


def _with_copies(code: Code, pointers: set[str]) -> set[str]:
    """Give the pointers, and what `auto x = pointer + offset;` makes of them."""
    known = set(pointers)
    copies: Mapping[str, set[str]] = {
        code.text_at(at): {token.text for token in code.tokens[at + 2 : _end(code, at)]}
        for index in code.places.get("auto", ())
        if code.text_at(at := _behind_stars(code, index + 1)).isidentifier()
        and code.text_at(at + 1) == "="
        and code.text_at(at + 2) != "["
    }
    while found := {name for name, words in copies.items() if words & known} - known:
        known |= found
    return known


def _values(code: Code, pointers: set[str]) -> Iterator[Refusal]:
    """Find where a word is read or written, unless it is copied from memory to memory."""
    places = sorted(index for name in pointers for index in code.places.get(name, ()))
    spans = {
        span[0]: (index, span[1])
        for index in places
        if not _is_declaration(code, index) and (span := _dereferenced(code, index))
    }
    copies: set[int] = set()
    for first, (_, last) in spans.items():
        if code.text_at(first - 1) in _ENDS and code.text_at(last) == "=" and last + 1 in spans:
            _, end = spans[last + 1]
            copies |= {first, last + 1} if code.text_at(end) == ";" else set()
    for first, (index, _) in spans.items():
        if first not in copies:
            yield Refusal(index, f"a word is used as a number here, and {_WORD} is none")


def _dereferenced(code: Code, index: int) -> tuple[int, int] | None:
    """Give the tokens of `*name` or `name[...]`; None where only the pointer is meant."""
    before, behind = code.text_at(index - 1), code.text_at(index + 1)
    if before == "*" and _is_unary(code, index - 1):
        return (index - 1, index + 1)
    if behind == "[" and not (before == "&" and _is_unary(code, index - 1)):
        return (index, code.end_of_unit(index + 1))
    return None


def _is_unary(code: Code, index: int) -> bool:
    """Tell whether nothing is in front of an operator that it could take as its left operand."""
    before = code.tokens[index - 1]
    return before.text == "return" or (
        before.kind is Kind.OPERATOR and before.text not in {")", "]"}
    )


def _is_declaration(code: Code, index: int) -> bool:
    """Tell whether `T* name` or `T name[]` stands here."""
    at = index - 1
    while code.text_at(at) == "*" or code.text_at(at) in _QUALIFIERS:
        at -= 1
    return code.text_at(at) in _TYPES


def _behind_qualifiers(code: Code, index: int) -> int:
    while code.text_at(index) in _QUALIFIERS:
        index += 1
    return index


def _behind_stars(code: Code, index: int) -> int:
    while code.text_at(index) == "*" or code.text_at(index) in _QUALIFIERS:
        index += 1
    return index


def _end(code: Code, index: int) -> int:
    while index < len(code.tokens) and code.text_at(index) != ";":
        index = code.end_of_unit(index)
    return index
