"""Members of an aggregate are given in their order, not by their names.

`T{.member = value}` is C++20. MSVC refuses it in C++17 (error C7555), which is what vLLM is
compiled as before 0.21. Without the names it means the same wherever all members from the first
on are given, and that is so since aggregates exist. The rule has to know the members: an aggregate
that is given fewer than a first few, or that it was not told of, is not touched.

Before::

    __nv_bfloat16 largest() { return __nv_bfloat16_raw{.x = 17376}; }

After::

    __nv_bfloat16 largest() { return __nv_bfloat16_raw{17376}; }
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.cpp.code import code_of
from transforms.engine.edit import Found
from transforms.engine.site import text_site
from transforms.rules.cpp.aggregates import CUDA_RAW_TYPES, Aggregate, members_of
from transforms.rules.cpp.gaps import only_space
from transforms.rules.cpp.refusal import Refusal, found_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.cpp.code import Code
    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Source

# A dot that has nothing in front of it, as a member's would be, and a name and value behind it.
_MAY_HOLD = re.compile(rb"(?<![\w)\]])\.\s*[A-Za-z_]\w*\s*[={/\\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignatedInitializers:
    """The rule; see the module.

    Attributes:
        aggregates: the types whose members it knows. Where a file of the tree defines one of them
            with other members, the rule refuses that file.
        everywhere: whether one of a type that it does not know is refused; it is left otherwise.
    """

    aggregates: tuple[Aggregate, ...] = CUDA_RAW_TYPES
    everywhere: bool = False
    name: str = "designated_initializers"
    needles: tuple[bytes, ...] = (b"{",)

    def match(self, source: Source) -> Found:
        """Find the designated initializers of one file."""
        data = source.data
        defined = [each for each in self.aggregates if each.name.encode() in data]
        if not (_MAY_HOLD.search(data) or defined):
            return Found()
        code = source.once(code_of)
        return found_in(self.name, source, code, self._found(source, code, defined))

    def _found(
        self, source: Source, code: Code, defined: list[Aggregate]
    ) -> Iterator[Site | Refusal]:
        for aggregate in defined:
            for index, members in members_of(aggregate.name, code):
                if members != aggregate.members:
                    given, known = (", ".join(each) for each in (members, aggregate.members))
                    yield Refusal(index, f"{aggregate.name} has the members {given}, not {known}")
        for index in code.places.get("{", ()):
            if code.text_at(index + 1) != "." or code.text_at(index + 3) not in {"=", "{"}:
                continue
            type_ = next((one for one in self.aggregates if _is_of(code, index, one)), None)
            if type_ is not None:
                yield from _rewritten(source, code, index, type_)
            elif self.everywhere:
                yield Refusal(index, "the rule was not told of which type this is")


RULE = DesignatedInitializers()


def _is_of(code: Code, index: int, aggregate: Aggregate) -> bool:
    """Tell whether a `{` begins a value of an aggregate: `T{`, `T x{`, `T x = {`, `f({...})`."""
    before = [code.text_at(index - back) for back in (1, 2, 3)]
    if aggregate.name == before[0]:
        return True
    named = before[1:] if before[0] == "=" else before
    if named[1] == aggregate.name and named[0].isidentifier():
        return True
    return (
        before[0] == "("
        and before[1] in aggregate.functions
        and code.text_at(code.end_of_unit(index)) == ")"
    )


def _rewritten(
    source: Source, code: Code, opening: int, aggregate: Aggregate
) -> Iterator[Site | Refusal]:
    """Take the names away, if they are those of the first members."""
    elements = list(_elements(code, opening))
    names = tuple(code.text_at(first + 1) for first in elements)
    if names != aggregate.members[: len(names)]:
        given, known = (", ".join(each) for each in (names, aggregate.members))
        yield Refusal(opening, f"{given} are not the first members of {aggregate.name}: {known}")
        return
    last = code.end_of_unit(opening)
    directive = code.tokens[opening].directive
    if any(token.directive != directive for token in code.tokens[opening:last]):
        yield Refusal(opening, "preprocessor directives stand in it")
        return
    values = [first + 3 if code.text_at(first + 2) == "=" else first + 2 for first in elements]
    spans = list(zip(elements, values, strict=True))
    if not all(only_space(code, first, value) for first, value in spans):
        yield Refusal(opening, "a comment stands beside a name: it would be lost")
        return
    for first, value in spans:
        yield text_site(source, code.tokens[first].start, code.tokens[value].start, "")


def _elements(code: Code, opening: int) -> Iterator[int]:
    """Give where the dots of the names stand: no other element can be beside one with a name."""
    index, last = opening + 1, code.end_of_unit(opening) - 1
    while index < last:
        if code.text_at(index) == "." and code.text_at(index - 1) in {"{", ","}:
            yield index
        index = code.end_of_unit(index)
