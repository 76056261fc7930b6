"""`isinf` for `std::isinf` in device code: Microsoft's is a function of the host.

CUDA and HIP declare `isinf`, `isnan` and `isfinite` for the device in the global namespace. In
`std` they are what the host's library has: with libstdc++ the same ones, with Microsoft's library
templates that nvcc refuses to call from a kernel. `cuda::std` has its own, which stay.

Before::

    __global__ void clear(float* values) {
      auto is_odd = [](float value) { return std::isinf(value) || std::isnan(value); };
      if (is_odd(values[threadIdx.x])) values[threadIdx.x] = 0;
    }

    bool is_good(float scale) { return std::isfinite(scale); }

After::

    __global__ void clear(float* values) {
      auto is_odd = [](float value) { return isinf(value) || isnan(value); };
      if (is_odd(values[threadIdx.x])) values[threadIdx.x] = 0;
    }

    bool is_good(float scale) { return std::isfinite(scale); }
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.cpp.code import code_of
from transforms.engine.cpp.tokens import Kind
from transforms.engine.edit import Found
from transforms.engine.site import text_site
from transforms.rules.cpp.functions import Side, side_of
from transforms.rules.cpp.refusal import Refusal, found_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.cpp.code import Code
    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Source

_NAMES = ("isinf", "isnan", "isfinite")
# What may stand before the `::` of `::std`, and is no namespace.
_KEYWORDS = frozenset({"return", "else", "do", "case"})


@dataclass(frozen=True, slots=True)
class _IsInf:
    """The rule; see the module."""

    name: str = "isinf"
    needles: tuple[bytes, ...] = (b"std", b"::", b"is")

    def match(self, source: Source) -> Found:
        """Find what device code calls in `std`."""
        if not any(name.encode() in source.data for name in _NAMES):
            return Found()
        code = source.once(code_of)
        return found_in(self.name, source, code, _found(source, code))


RULE = _IsInf()


def _found(source: Source, code: Code) -> Iterator[Site | Refusal]:
    tokens = code.tokens
    for name in _NAMES:
        for index in code.places.get(name, ()):
            if not _is_in_std(code, index):
                continue
            side = side_of(code, index, source.path)
            if side is Side.HOST:
                continue
            if side is Side.UNKNOWN:
                yield Refusal(index, f"nothing shows on which side std::{name} is called")
            elif tokens[index + 1].text != "(":
                yield Refusal(index, f"std::{name} is not called here, but named")
            else:
                yield text_site(source, tokens[index - 2].start, tokens[index].start, "")


def _is_in_std(code: Code, index: int) -> bool:
    """Tell whether a name stands behind `std::`, and that not behind another namespace."""
    before = code.tokens[max(index - 4, 0) : index]
    if [token.text for token in before[-2:]] != ["std", "::"]:
        return False
    outer = before[:-2]
    if len(outer) < 2 or outer[1].text != "::":  # noqa: PLR2004 - a name and `::`
        return True
    return outer[0].kind is not Kind.IDENTIFIER or outer[0].text in _KEYWORDS
