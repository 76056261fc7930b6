"""Patterns of C++: code in which `$x` and `$$x` stand for what may be there.

White space, comments and line splices never count; every other token does. `$x` binds the shortest
run of tokens and whole groups that is not empty and has no `,` and no `;` outside of groups; `$$x`
binds any run, an empty one too. Between `<` and `>`, what they bind has these balanced. The same
name binds the same tokens each time. A `$x` that begins or ends a pattern binds one token or one
group: nothing would say where more begins or ends.

A directive is one unit: a pattern may hold whole ones, and then each fits a whole one. A pattern
without directives fits inside of one, such as the body of a macro, or outside of all of them;
there, `$$x` and a group may hold whole ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from transforms.engine.cpp.code import CLOSING
from transforms.engine.cpp.matcher import Matcher
from transforms.engine.cpp.parts import code_of_pattern, dedent, kinds_of_names, parts_of
from transforms.engine.patterns.metavariables import PatternError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from transforms.engine.cpp.code import Code
    from transforms.engine.cpp.matcher import Bindings
    from transforms.engine.cpp.parts import Part


@dataclass(frozen=True, slots=True)
class Match:
    """One place that a pattern fits.

    Attributes:
        first: the index of its first token.
        last: the index behind its last token.
        bindings: for each metavariable, by its name alone, its first token and the one behind its
            last; equal where it bound nothing.
    """

    first: int
    last: int
    bindings: Bindings

    def is_in(self, other: Match) -> bool:
        """Tell whether another match holds all of this one."""
        return other.first <= self.first and self.last <= other.last


@dataclass(frozen=True, slots=True)
class CppPattern:
    """A pattern of C++.

    Attributes:
        text: as its author wrote it.
        code: its tokens.
        parts: the same, with what each stands for.
        names: for each metavariable, by its name alone, whether it is a `$$x`.
    """

    text: str
    code: Code = field(repr=False, compare=False)
    parts: tuple[Part, ...] = field(repr=False, compare=False)
    names: Mapping[str, bool] = field(repr=False, compare=False)

    @classmethod
    def parse(cls, text: str) -> CppPattern:
        """Read a pattern.

        Raises:
            PatternError: it has no plain token, begins or ends with a `$$x`, a bracket in it
                belongs to none, or a name is used both as `$x` and as `$$x`.
        """
        pattern = cls.loose(text)
        if all(part.name for part in pattern.parts):
            raise PatternError(f"nothing in {text!r} says what is looked for")
        for part, where in ((pattern.parts[0], "begins"), (pattern.parts[-1], "ends")):
            if part.many and not part.directive:
                raise PatternError(f"{text!r} {where} with {part.text}: nothing says where it ends")
        return pattern

    @classmethod
    def loose(cls, text: str) -> CppPattern:
        """Read a pattern that may begin or end with a `$$x`, which then binds nothing.

        Raises:
            PatternError: a bracket belongs to none, or a name is used both as `$x` and as `$$x`.
        """
        code = code_of_pattern(text)
        parts = parts_of(code)
        return cls(text, code, parts, kinds_of_names(parts, text))

    @classmethod
    def joined(cls, first: str, second: str) -> CppPattern:
        """Read the pattern of some code with other code behind it."""
        return cls.loose(f"{dedent(first)}\n{dedent(second)}")

    def matches(self, code: Code, first: int = 0, last: int | None = None) -> list[Match]:
        """Find where the pattern fits: leftmost, and never overlapping.

        Args:
            code: the file.
            first: the first token of the range that is searched.
            last: the token behind it; None for the end of the file.
        """
        last = len(code.tokens) if last is None else last
        if any(not part.name and part.text not in code.places for part in self.parts):
            return []
        matcher = Matcher(self.parts, code, last)
        found: list[Match] = []
        done = first
        for start in self._starts(code):
            if done <= start < last and (fit := matcher.fit(start)):
                done, bindings = fit
                found.append(Match(start, done, bindings))
        return found

    def _starts(self, code: Code) -> Iterable[int]:
        """Give the tokens that a match could begin at, in order."""
        if not self.parts[0].name:
            return code.places[self.parts[0].text]
        if len(self.parts) == 1 or self.parts[1].name:
            return range(len(code.tokens))
        if self.parts[0].many:
            return code.places[self.parts[1].text]
        # A token, or all of a group, stands before the first plain token.
        before = [index - 1 for index in code.places[self.parts[1].text] if index]
        return sorted(
            code.partner.get(index, index) if code.tokens[index].text in CLOSING else index
            for index in before
        )
