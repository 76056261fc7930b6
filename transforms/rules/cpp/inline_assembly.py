r"""`asm volatile` for `__asm__ __volatile__`: the latter are GCC's names, which MSVC has not.

nvcc takes PTX behind `asm`, a keyword of C++, with every host compiler. GCC's own spelling is for
C without extensions; what it says is the same. MSVC for x64 has no assembly in C++ at all, so on
the host there is nothing to write instead.

Before::

    __global__ void load(unsigned* registers, unsigned address) {
      __asm__ __volatile__("ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%0}, [%1];\n"
                           : "=r"(registers[0])
                           : "r"(address));
    }

After::

    __global__ void load(unsigned* registers, unsigned address) {
      asm volatile("ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%0}, [%1];\n"
                           : "=r"(registers[0])
                           : "r"(address));
    }
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.cpp.code import code_of
from transforms.engine.edit import Found
from transforms.engine.site import text_site
from transforms.rules.cpp.conditions import is_never_msvc
from transforms.rules.cpp.functions import Side, side_of
from transforms.rules.cpp.refusal import Refusal, found_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.cpp.code import Code
    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Source

_ASM = frozenset({"__asm__", "__asm", "asm"})
_VOLATILE = frozenset({"__volatile__", "__volatile"})


@dataclass(frozen=True, slots=True)
class _InlineAssembly:
    """The rule; see the module."""

    name: str = "inline_assembly"
    needles: tuple[bytes, ...] = (b"asm",)

    def match(self, source: Source) -> Found:
        """Find assembly in GCC's spelling; what MSVC never sees is left alone."""
        if not any(word.encode() in source.data for word in (_ASM | _VOLATILE) - {"asm"}):
            return Found()
        code = source.once(code_of)
        return found_in(self.name, source, code, _found(source, code))


RULE = _InlineAssembly()


def _found(source: Source, code: Code) -> Iterator[Site | Refusal]:
    for word in _ASM:
        for index in code.places.get(word, ()):
            qualifier = code.tokens[index + 1].text if index + 1 < len(code.tokens) else ""
            if word == "asm" and qualifier not in _VOLATILE:
                continue
            if is_never_msvc(code, index):
                continue
            side = side_of(code, index, source.path)
            if side is Side.DEVICE:
                yield _site(source, code, index, qualifier)
            elif side is Side.HOST:
                yield Refusal(index, "assembly of the host, which MSVC does not compile for x64")
            else:
                yield Refusal(index, "nothing shows that this assembly is for the device")


def _site(source: Source, code: Code, index: int, qualifier: str) -> Site:
    start, end = code.tokens[index].start, code.tokens[index].end
    if qualifier not in {*_VOLATILE, "volatile"}:
        return text_site(source, start, end, "asm")
    between = source.data[end : code.tokens[index + 1].start].decode("latin-1")
    return text_site(source, start, code.tokens[index + 1].end, f"asm{between}volatile")
