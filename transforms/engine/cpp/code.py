"""One file of C++: its significant tokens, its directives, and which brackets belong together.

Branches of `#if` may each open or close what the others do too. At `#elif` and `#else` the open
brackets are those of the `#if`; behind `#endif` they are those of its last branch. What an earlier
branch has left open in the same way is closed by the same bracket. What is in a directive, such as
the body of a macro, is grouped on its own.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from transforms.engine.cpp.tokens import INSIGNIFICANT, Kind, Token, lex

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from transforms.engine.syntax.source import Source

OPENING = {"(": ")", "[": "]", "{": "}", "<:": "]", "<%": "}"}
"""For each bracket that opens a group, which one closes it; digraphs are brackets too."""

CLOSING = {")": ")", "]": "]", "}": "}", ":>": "]", "%>": "}"}
"""For each bracket that closes a group, what it is without digraphs."""

_IF = {"if", "ifdef", "ifndef"}
_ELSE = {"elif", "else", "elifdef", "elifndef"}
# The tokens that are open, each with those of other branches of `#if` that are closed with it.
_Open = tuple[tuple[int, ...], ...]


class Code:
    """The tokens of one file, and what they make up.

    Attributes:
        data: the bytes of the file.
        all: every token, in order; together they are the file.
        tokens: the significant ones: no white space, no comment, no splice.
        partner: for the index (into `tokens`) of a bracket, that of the one that belongs to it;
            one that nothing closes or opens is not there. Several closing ones, in branches of
            `#if`, may belong to one that opens; that one belongs to the last of them.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.all: Sequence[Token] = lex(data)
        self.tokens: Sequence[Token] = [
            token for token in self.all if token.kind not in INSIGNIFICANT
        ]
        self._names: dict[int, str] = {}
        self.partner: Mapping[int, int] = self._grouped()

    @cached_property
    def places(self) -> Mapping[str, Sequence[int]]:
        """For each text of a significant token, the indices of those that have it."""
        found: defaultdict[str, list[int]] = defaultdict(list)
        for index, token in enumerate(self.tokens):
            found[token.text].append(index)
        return dict(found)

    @cached_property
    def directive_spans(self) -> Mapping[int, tuple[int, int]]:
        """For each number of a directive, its first token and the one behind its last."""
        spans: dict[int, tuple[int, int]] = {}
        for index, token in enumerate(self.tokens):
            if token.directive:
                first, _ = spans.get(token.directive, (index, index))
                spans[token.directive] = (first, index + 1)
        return spans

    def token_starting_at(self, offset: int) -> Token | None:
        """Give the significant token that begins at an offset."""
        index = bisect_left(self._starts, offset)
        found = self.tokens[index : index + 1]
        return found[0] if found and found[0].start == offset else None

    def token_ending_at(self, offset: int) -> Token | None:
        """Give the significant token that ends at an offset."""
        index = bisect_left(self._starts, offset) - 1
        return self.tokens[index] if index >= 0 and self.tokens[index].end == offset else None

    def end_of_line(self, offset: int) -> int | None:
        """Give where a line ends, its comments included; None where more code stands on it.

        In a directive, a line splice ends a line too; the white space before it is left out.
        """
        index = bisect_left(self._all_starts, offset)
        end = offset
        for token in self.all[index:]:
            if token.kind is Kind.NEWLINE:
                return end
            if token.kind is Kind.SPACE:
                if "\n" in token.text or "\r" in token.text:
                    return end if token.directive else None
            elif token.kind is Kind.COMMENT and "\n" not in token.text:
                end = token.end
            else:
                return None
        return end

    @cached_property
    def _all_starts(self) -> list[int]:
        return [token.start for token in self.all]

    @cached_property
    def _starts(self) -> list[int]:
        return [token.start for token in self.tokens]

    def directive_name(self, number: int) -> str:
        """Give the name of a directive: `define`, `ifdef`; empty for `#` alone."""
        return self._names.get(number, "")

    def text(self, first: int, last: int) -> str:
        """Give the source of `tokens[first:last]`, with all that is between them, as Latin-1."""
        if first >= last:
            return ""
        start, end = self.tokens[first].start, self.tokens[last - 1].end
        return self.data[start:end].decode("latin-1")

    def text_at(self, index: int) -> str:
        """Give the text of a token, `tokens[index]`; empty before the first and behind the last."""
        return self.tokens[index].text if 0 <= index < len(self.tokens) else ""

    def end_of_unit(self, index: int) -> int:
        """Give the index behind a token, or behind the whole group that it opens."""
        token = self.tokens[index]
        if token.text in OPENING:
            return self.partner.get(index, index) + 1
        return index + 1

    def _grouped(self) -> dict[int, int]:
        partner: dict[int, int] = {}
        branches = _Branches()
        inside: _Open = ()
        directive = 0
        brackets = OPENING.keys() | CLOSING.keys()
        for index, token in enumerate(self.tokens):
            if token.directive:
                if token.directive != directive:
                    directive, inside = token.directive, ()
                    name = self._name_behind(index)
                    self._names[directive] = name
                    branches.meet(name)
                elif token.text in brackets:
                    inside = self._met(index, inside, partner)
            elif token.text in brackets:
                branches.open = self._met(index, branches.open, partner)
        return partner

    def _name_behind(self, index: int) -> str:
        number = self.tokens[index].directive
        behind = self.tokens[index + 1 : index + 2]
        return behind[0].text if behind and behind[0].directive == number else ""

    def _met(self, index: int, opened: _Open, partner: dict[int, int]) -> _Open:
        """Open a group, or close the innermost one that fits; a brace ends what is open in it."""
        text = self.tokens[index].text
        if text in OPENING:
            return (*opened, (index,))
        wanted = CLOSING[text]
        for depth in range(len(opened) - 1, -1, -1):
            closes = OPENING[self.tokens[opened[depth][0]].text]
            if closes == wanted:
                partner[index] = opened[depth][0]
                partner.update(dict.fromkeys(opened[depth], index))
                return opened[:depth]
            if closes == "}":
                break
        return opened


class _Branches:
    """The brackets that are open, through the branches of `#if`."""

    def __init__(self) -> None:
        self.open: _Open = ()
        # For each `#if`: what was open before it, and what each branch so far has left open.
        self._outer: list[tuple[_Open, list[_Open]]] = []

    def meet(self, directive: str) -> None:
        """Go on behind a directive."""
        if directive in _IF:
            self._outer.append((self.open, []))
        elif directive in _ELSE and self._outer:
            before, ends = self._outer[-1]
            ends.append(self.open)
            self.open = before
        elif directive == "endif" and self._outer:
            before, ends = self._outer.pop()
            for end in ends:
                self.open = _with_others(self.open, end)


def _with_others(last: _Open, other: _Open) -> _Open:
    """Let what another branch has left open be closed with what the last one has."""
    if len(last) != len(other):
        return last
    return tuple(
        mine if mine == theirs else (*mine, *(index for index in theirs if index not in mine))
        for mine, theirs in zip(last, other, strict=True)
    )


def code_of(source: Source) -> Code:
    """Analyse a file: `source.once(code_of)` does it once."""
    return Code(source.data)
