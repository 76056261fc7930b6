"""The namespaces, classes, functions and macros that a file defines, with the tokens of each.

This is no parser: what stands in front of a `{` says what it opens. Declarations without a body
are none of these, and what stands inside of a function is not looked into.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from transforms.engine.cpp.code import CLOSING
from transforms.engine.cpp.heads import class_name, function_name, is_initializer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transforms.engine.cpp.code import Code

_BRACES = {"{", "<%"}
_ACCESS = {"public", "protected", "private"}


class What(Enum):
    """What a definition defines."""

    NAMESPACE = "namespace"
    CLASS = "class"
    FUNCTION = "function"
    MACRO = "macro"


@dataclass(frozen=True, slots=True)
class Definition:
    """One definition with a body.

    Attributes:
        what: what it defines.
        names: its name, with those of the namespaces and classes around it in front.
        optional: how many of the first names are those of namespaces.
        first: its first token: that of `template`, of an attribute, of the type.
        last: the token behind its body.
    """

    what: What
    names: tuple[str, ...]
    optional: int
    first: int
    last: int

    @property
    def qualified(self) -> str:
        """The name as messages show it."""
        prefix = "#define " if self.what is What.MACRO else ""
        return prefix + "::".join(self.names)


def definitions(code: Code) -> Iterator[Definition]:
    """Give all definitions of a file, macros first, then in their order."""
    for number, (first, last) in code.directive_spans.items():
        if code.directive_name(number) == "define" and last - first > 2:  # noqa: PLR2004 - # define
            yield Definition(What.MACRO, (code.tokens[first + 2].text,), 0, first, last)
    yield from _Reader(code).read(0, len(code.tokens), (), 0)


class _Reader:
    """Reads a file from the left, one declaration after the other."""

    def __init__(self, code: Code) -> None:
        self._code = code
        self._texts: Sequence[str] = [token.text for token in code.tokens]

    def read(
        self, first: int, last: int, names: tuple[str, ...], namespaces: int
    ) -> Iterator[Definition]:
        """Give the definitions among some tokens.

        Args:
            first: the first token.
            last: the token behind the last.
            names: of what is around them.
            namespaces: how many of these are namespaces.
        """
        # The units of the declaration so far, as indices of their first tokens.
        head: list[int] = []
        index = first
        while index < last:
            text = self._texts[index]
            end = self._code.end_of_unit(index)
            if self._code.tokens[index].directive:
                index += 1
                continue
            if text in _BRACES and not is_initializer([self._texts[at] for at in head]):
                inner = index + 1, min(end - 1, last)
                yield from self._opened(head, inner, names, namespaces)
                head = []
            elif text == ";" or text in CLOSING or (text == ":" and self._is_access(head)):
                head = []
            else:
                head.append(index)
            index = end

    def _opened(
        self, head: list[int], inner: tuple[int, int], names: tuple[str, ...], namespaces: int
    ) -> Iterator[Definition]:
        """Give what a declaration with braces defines, and what is defined inside of it."""
        texts = [self._texts[index] for index in head]
        if texts[:1] == ["extern"] and len(texts) == 2:  # noqa: PLR2004 - extern "C"
            yield from self.read(*inner, names, namespaces)
            return
        what, own = _named(texts)
        if what is None:
            return
        names = (*names, *own)
        if what is What.NAMESPACE:
            namespaces = len(names)
        if own:
            yield Definition(what, names, min(namespaces, len(names) - 1), head[0], inner[1] + 1)
        if what is not What.FUNCTION:
            yield from self.read(*inner, names, namespaces)

    def _is_access(self, head: list[int]) -> bool:
        """Tell whether a `:` ends `public` or a label."""
        return len(head) == 1 and self._texts[head[0]] in _ACCESS


def _named(texts: Sequence[str]) -> tuple[What | None, tuple[str, ...]]:
    """Say what the units in front of a `{` define, and how it is called."""
    if "namespace" in texts:
        behind = texts[texts.index("namespace") + 1 :]
        return What.NAMESPACE, tuple(
            text for text in behind if text.isidentifier() and text != "inline"
        )
    if (own := class_name(texts)) is not None:
        return What.CLASS, own
    if own := function_name(texts):
        return What.FUNCTION, own
    return None, ()
