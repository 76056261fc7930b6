"""`__int64_t` is glibc's own name for `int64_t`: no other C library has it.

The standard's type is the very same one where both exist, since glibc declares it so:
``typedef __int64_t int64_t;``. So nothing changes there, not even a mangled name.

Before::

    #include <cstdint>

    __device__ void copy(__int64_t* to, const __uint64_t* from) {
      __int64_t value = *from;
      *to = value;
    }

After::

    #include <cstdint>

    __device__ void copy(int64_t* to, const uint64_t* from) {
      int64_t value = *from;
      *to = value;
    }
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.cpp.code import code_of
from transforms.engine.edit import Found
from transforms.engine.site import text_site
from transforms.rules.cpp.refusal import Refusal, found_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.cpp.code import Code
    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Source

_NAMES = {"__int64_t": "int64_t", "__uint64_t": "uint64_t"}
_HEADERS = frozenset({"cstdint", "stdint.h"})
_ABOUT_MACROS = frozenset({"define", "undef", "ifdef", "ifndef", "defined"})
_ABOUT_TYPES = frozenset({"using", "struct", "class", "enum", "union"})
_ENDS = frozenset({";", "{", "}"})


@dataclass(frozen=True, slots=True)
class _Int64:
    """The rule; see the module."""

    name: str = "int64"
    needles: tuple[bytes, ...] = (b"int64_t",)

    def match(self, source: Source) -> Found:
        """Find the places that use glibc's names."""
        if not any(name.encode() in source.data for name in _NAMES):
            return Found()
        code = source.once(code_of)
        return found_in(self.name, source, code, _found(source, code))


RULE = _Int64()


def _found(source: Source, code: Code) -> Iterator[Site | Refusal]:
    has_header = _includes_it(code)
    for name, standard in _NAMES.items():
        for index in code.places.get(name, ()):
            token = code.tokens[index]
            if _is_declared_here(code, index):
                yield Refusal(index, f"this file says itself what {name} is")
            elif not has_header and standard not in code.places:
                # A file that uses the standard's name already has it from one of its headers.
                yield Refusal(index, f"nothing shows that {standard} is declared: no <cstdint>")
            else:
                yield text_site(source, token.start, token.end, standard)


def _includes_it(code: Code) -> bool:
    return any(
        code.directive_name(number) == "include"
        and "".join(token.text for token in code.tokens[first + 2 : last]).strip('<>"') in _HEADERS
        for number, (first, last) in code.directive_spans.items()
    )


def _is_declared_here(code: Code, index: int) -> bool:
    """Tell whether a token is the name that a typedef, an alias or a macro introduces."""
    tokens = code.tokens
    before = [token.text for token in tokens[max(index - 2, 0) : index]]
    if before and before[-1] in _ABOUT_MACROS | _ABOUT_TYPES:
        return True
    if before and before[-1] == "::":
        return before[0].isidentifier()
    directive, first = tokens[index].directive, index
    while (
        first and tokens[first - 1].directive == directive and tokens[first - 1].text not in _ENDS
    ):
        first -= 1
    behind = {token.text for token in tokens[index + 1 : index + 2]}
    return tokens[first].text == "typedef" and bool(behind & {";", ",", "["})
