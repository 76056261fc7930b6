"""A piece of CMake with metavariables, and where it fits.

`$x` and `$$x` are metavariables where they are a whole argument; `$$x` alone on a line is one, too.
CMake's own references, `${x}`, `$ENV{x}`, `$CACHE{x}` and `$<...>`, never look like that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from textwrap import dedent
from typing import TYPE_CHECKING

from transforms.engine.cmake.reading import CMakeError, read
from transforms.engine.cmake.syntax import (
    Argument,
    Block,
    Command,
    Hole,
    holes_of,
    lists_of,
)
from transforms.engine.cmake.unify import fitted
from transforms.engine.patterns.metavariables import PatternError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from transforms.engine.cmake.syntax import Statement
    from transforms.engine.cmake.unify import Bindings

_ONE = "wheelwright_one_"
_MANY = "wheelwright_many_"
_HOLE = re.compile(r"(\$\$?)([A-Za-z_]\w*)")
# A command of CMake always has parentheses: no line of it is a metavariable and nothing else.
_LINE = re.compile(r"^([ \t]*)(\$\$?)([A-Za-z_]\w*)([ \t]*)$", re.MULTILINE)
_AS_COMMAND = re.compile(f"({_ONE}|{_MANY})(\\w+)")


@dataclass(frozen=True, slots=True)
class Match:
    """Consecutive statements that a pattern fits.

    Attributes:
        statements: those of the file.
        bindings: what each metavariable stands for.
    """

    statements: tuple[Statement, ...]
    bindings: Bindings

    @property
    def start(self) -> int:
        """The first byte."""
        return self.statements[0].start

    @property
    def end(self) -> int:
        """The byte behind the last one."""
        return self.statements[-1].end


@dataclass(frozen=True, slots=True)
class Pattern:
    """One or more commands that are looked for, or written.

    Attributes:
        text: as its author wrote it.
        data: the same, flush left, with the metavariables as commands where they stand for some.
        statements: what it is made of; the offsets are those of `data`.
    """

    text: str
    data: bytes
    statements: tuple[Statement, ...]

    @classmethod
    def parse(cls, text: str) -> Pattern:
        """Read a pattern.

        Args:
            text: CMake with metavariables.

        Raises:
            PatternError: it is no CMake, is empty, or has a metavariable where none can stand.
            CMakeError: the packages that read CMake are missing.
        """
        if "\r" in text:
            raise PatternError(r"write line ends as \n: the file's own are used")
        data = _LINE.sub(_as_command, dedent(text).strip("\n")).encode()
        try:
            statements = read(data)
        except CMakeError as error:
            if not error.line:
                raise
            reason = f"not CMake: {error.reason} in line {error.line} of {text!r}"
            raise PatternError(reason) from error
        found = cls(text, data, tuple(_with_holes(statements, data)))
        if not found.statements:
            raise PatternError(f"must not be empty: {text!r}")
        return found

    @property
    def names(self) -> frozenset[str]:
        """The names of its metavariables."""
        return frozenset(hole.name for hole, _ in holes_of(self.statements))

    def check_found(self) -> None:
        """Refuse what cannot be looked for.

        Raises:
            PatternError: it would begin or end anywhere, or a name stands for two kinds of things.
        """
        ends = (self.statements[0], self.statements[-1])
        if any(isinstance(statement, Hole) for statement in ends):
            raise PatternError(f"would match any commands where it begins or ends: {self.text!r}")
        kinds: dict[str, tuple[bool, bool]] = {}
        for hole, is_statement in holes_of(self.statements):
            kind = (hole.many, is_statement)
            if kinds.setdefault(hole.name, kind) != kind:
                raise PatternError(f"${hole.name} stands for two kinds of things in {self.text!r}")

    def check_written(self, bound: Pattern) -> None:
        """Refuse what cannot be written with what another pattern binds.

        Raises:
            PatternError: a metavariable is not bound there, or stands for something else there.
        """
        kinds = {hole.name: (hole.many, lines) for hole, lines in holes_of(bound.statements)}
        for hole, lines in holes_of(self.statements):
            if hole.name not in kinds:
                raise PatternError(f"${hole.name} is never bound: {self.text!r}")
            if kinds[hole.name] != (hole.many, lines):
                raise PatternError(f"${hole.name} is bound to something else: {self.text!r}")

    def matches(self, statements: tuple[Statement, ...]) -> list[Match]:
        """Find where it fits: no two matches share a command, those of outer blocks come first."""
        found: list[Match] = []
        for block in lists_of(statements):
            found.extend(_matches_in(self.statements, block, found))
        return sorted(found, key=lambda match: match.start)

    def fits(self, other: Pattern) -> bool:
        """Tell whether this fits all of another pattern, its metavariables taken as they are."""
        return any(fitted(self.statements, other.statements, {}, whole=True))


def joined(first: Pattern, second: Pattern) -> Pattern:
    """Give the pattern of one directly followed by another; it has no text of its own."""
    return Pattern("", b"", (*first.statements, *second.statements))


def outside_of(matches: Iterable[Match], written: Sequence[Match]) -> list[Match]:
    """Leave out the matches that stand inside of what an edit has already written."""
    return [
        match
        for match in matches
        if not any(other.start <= match.start < other.end for other in written)
    ]


def _matches_in(
    pattern: tuple[Statement, ...], block: tuple[Statement, ...], outer: Sequence[Match]
) -> Iterator[Match]:
    at = 0
    while at < len(block):
        start = block[at].start
        inner = any(match.start <= start < match.end for match in outer)
        way = None if inner else next(fitted(pattern, block[at:], {}, whole=False), None)
        if way is not None and way[0]:
            taken, bindings = way
            yield Match(block[at : at + taken], bindings)
            at += taken
        else:
            at += 1


def _as_command(match: re.Match[str]) -> str:
    before, sigil, name, after = match.groups()
    return f"{before}{_ONE if sigil == '$' else _MANY}{name}(){after}"


def _with_holes(statements: Iterable[Statement], data: bytes) -> Iterator[Statement]:
    for statement in statements:
        if isinstance(statement, Block):
            yield Block(
                tuple(
                    (_filled(header, data), tuple(_with_holes(body, data)))
                    for header, body in statement.branches
                ),
                statement.closing,
            )
        elif isinstance(statement, Command):
            # The names of commands have no case, a metavariable's has.
            name = data[statement.start : statement.opened - 1].decode()
            if marked := _AS_COMMAND.fullmatch(name):
                if marked[1] == _ONE:
                    raise PatternError(f"for commands, write $${marked[2]} and not ${marked[2]}")
                yield Hole(marked[2], many=True, start=statement.start, end=statement.end)
            else:
                yield _filled(statement, data)


def _filled(command: Command, data: bytes) -> Command:
    return replace(command, arguments=tuple(_with_argument_holes(command, data)))


def _with_argument_holes(command: Command, data: bytes) -> Iterator[Argument | Hole]:
    waiting = [item for item in command.arguments if isinstance(item, Argument)]
    while waiting:
        item = waiting.pop(0)
        marked = _AS_COMMAND.fullmatch(item.text)
        if hole := _HOLE.fullmatch(item.text):
            yield Hole(hole[2], many=hole[1] == "$$", start=item.start, end=item.end)
        elif marked:
            # The parentheses that `_as_command` has put behind it.
            end = waiting[1].end
            del waiting[:2]
            yield Hole(marked[2], many=marked[1] == _MANY, start=item.start, end=end)
        elif _ONE in item.text or _MANY in item.text:
            line = data.count(b"\n", 0, item.start) + 1
            raise PatternError(f"a metavariable stands in an argument that begins in line {line}")
        else:
            yield item
