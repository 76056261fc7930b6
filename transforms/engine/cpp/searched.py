"""The part of a file of C++ that an edit looks into, and what it says where it does not hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine import native
from transforms.engine.cpp.closest import closest_to, is_alike
from transforms.engine.cpp.code import code_of
from transforms.engine.cpp.files import CPP
from transforms.engine.cpp.scopes import check_inside, tokens_inside
from transforms.engine.edit import check_path
from transforms.engine.outcome import Problem
from transforms.engine.syntax.lines import margin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.engine.cpp.code import Code
    from transforms.engine.cpp.pattern import CppPattern, Match
    from transforms.engine.explaining.closest import Closest
    from transforms.engine.syntax.source import Source, Tree


@dataclass(frozen=True, slots=True)
class Searched:
    """What an edit looks into.

    Attributes:
        inside: the definition; empty for the whole file.
        source: the file.
        code: its tokens.
        first: the first token that is searched.
        last: the token behind the last one.
    """

    inside: str
    source: Source
    code: Code
    first: int
    last: int

    def matches(self, pattern: CppPattern) -> list[Match]:
        """Find where a pattern fits."""
        return pattern.matches(self.code, self.first, self.last)

    def line(self, match: Match) -> int:
        """Give the line that a match begins in, 1-based."""
        return self.source.line_of(self.code.tokens[match.first].start)

    def margin(self, match: Match) -> str:
        """Give the white space that the line of a match begins with."""
        return margin(self.source.data, self.code.tokens[match.first].start).decode("latin-1")

    def closest(self, pattern: CppPattern) -> Closest:
        """Find the code that is most like a pattern."""
        return closest_to(pattern, self.source, self.code, self.first, self.last)

    def has_alike(self, pattern: CppPattern) -> bool:
        """Tell whether something differs in one thing only from what a pattern meant."""
        return is_alike(self.closest(pattern), pattern)

    def count_problem(
        self, pattern: CppPattern, matches: Sequence[Match], expected: int, already: int
    ) -> Problem | None:
        """Say what is wrong with a number of matches.

        Args:
            pattern: what was looked for.
            matches: where it was found.
            expected: how often its author counted it.
            already: how many places hold what the edit would write.
        """
        return native.count_problem(
            path=self.source.path,
            inside=self.inside,
            looked_for=pattern.text,
            lines=[self.line(match) for match in matches],
            expected=expected,
            already=already,
            closest_to=lambda: self.closest(pattern),
        )

    def obsolete(self, pattern: CppPattern, reason: str) -> Problem:
        """Say that an edit has nothing left to do."""
        return native.obsolete(self.source.path, self.inside, pattern.text, reason)


def searched(inside: str, source: Source, tree: Tree) -> Searched | Problem:
    """Find what an edit looks into, or say why there is no such definition."""
    code = source.once(code_of)
    tokens = tokens_inside(inside, source, code, tree)
    return tokens if isinstance(tokens, Problem) else Searched(inside, source, code, *tokens)


def check_declaration(*, path: str, inside: str, count: int) -> None:
    """Refuse a file, a definition or a count that no release can have.

    Raises:
        ValueError: `path` is not inside of the tree or is no file of C++, `inside` is no name, or
            `count` is less than 1.
    """
    check_path(path)
    if not path.endswith(CPP):
        raise ValueError(f"`path` must be a file of C++ ({', '.join(CPP)}), not {path!r}")
    check_inside(inside)
    if count < 1:
        raise ValueError(f"`count` must be at least 1, not {count}")


def outside_of(matches: Sequence[Match], already: Sequence[Match]) -> list[Match]:
    """Leave out the matches that stand inside of what the edit has already written."""
    return [match for match in matches if not any(match.is_in(other) for other in already)]
