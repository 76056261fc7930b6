"""What a CMake file is made of: commands with their arguments, and the blocks that they open.

The rules are those of the manual page cmake-language(7): the names of commands are compared without
regard to case, arguments are what stands between white space and comments.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PARENTHESES = frozenset({"(", ")"})
# What these say in parentheses has no meaning since CMake 2.6.0.
_SAY_NOTHING = frozenset(
    {"else", "endif", "endforeach", "endwhile", "endfunction", "endmacro", "endblock"}
)


@dataclass(frozen=True, slots=True)
class Argument:
    r"""One argument as it is written, or a parenthesis among the arguments.

    Attributes:
        text: with its quotes or brackets: `a`, `"a"` and `[[a]]` are three arguments; line ends
            in it are ``\n``.
        start: its first byte.
        end: the byte behind it.
    """

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Hole:
    """A metavariable of a pattern, where an argument or commands could stand.

    Attributes:
        name: without its sigil.
        many: `$$x`, for any number of arguments or commands; else `$x`, for one argument.
        start: its first byte.
        end: the byte behind it.
    """

    name: str
    many: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Attributes:
        name: in lower case.
        arguments: all of them, parentheses among them included.
        start: the first byte of the name.
        opened: the byte behind the parenthesis that opens the arguments.
        end: the byte behind the one that closes them.
    """

    name: str
    arguments: tuple[Argument | Hole, ...]
    start: int
    opened: int
    end: int

    @property
    def meant(self) -> tuple[Argument | Hole, ...]:
        """The arguments that mean anything: those of `else()` and `endif()` do not."""
        return () if self.name in _SAY_NOTHING else self.arguments


@dataclass(frozen=True, slots=True)
class Block:
    """Commands between a command that opens a block and the one that closes it.

    Attributes:
        branches: pairs of a command and what stands below it; `if` may have several.
        closing: the command at the end, e.g. `endif()`.
    """

    branches: tuple[tuple[Command, tuple[Statement, ...]], ...]
    closing: Command

    @property
    def header(self) -> Command:
        """The command that opens the block."""
        return self.branches[0][0]

    @property
    def start(self) -> int:
        """The first byte of the command that opens the block."""
        return self.header.start

    @property
    def end(self) -> int:
        """The byte behind the command that closes the block."""
        return self.closing.end


Statement: TypeAlias = Command | Block | Hole
Item: TypeAlias = Command | Block | Hole | Argument


def key(item: Item) -> object:
    """Give what counts when two pieces of CMake are compared."""
    if isinstance(item, Argument):
        return item.text
    if isinstance(item, Hole):
        return ("$$" if item.many else "$", item.name)
    if isinstance(item, Command):
        return (item.name, tuple(key(argument) for argument in item.meant))
    return tuple((key(header), keys(body)) for header, body in item.branches)


def keys(items: Iterable[Item]) -> tuple[object, ...]:
    """Give what counts of several pieces of CMake."""
    return tuple(key(item) for item in items)


def lists_of(statements: tuple[Statement, ...]) -> Iterator[tuple[Statement, ...]]:
    """Give every list of statements that stand below each other, outer ones first."""
    waiting = [statements]
    while waiting:
        block = waiting.pop(0)
        yield block
        for statement in block:
            if isinstance(statement, Block):
                waiting.extend(body for _, body in statement.branches)


def commands_of(statements: Iterable[Statement]) -> Iterator[Command]:
    """Give every command in the order of the file, those that open and close blocks included."""
    for statement in statements:
        if isinstance(statement, Command):
            yield statement
        elif isinstance(statement, Block):
            for header, body in statement.branches:
                yield header
                yield from commands_of(body)
            yield statement.closing


def holes_of(statements: Iterable[Statement]) -> Iterator[tuple[Hole, bool]]:
    """Give every metavariable in the order of the text, and whether it stands for commands."""
    for statement in statements:
        if isinstance(statement, Hole):
            yield statement, True
        elif isinstance(statement, Command):
            for argument in statement.meant:
                if isinstance(argument, Hole):
                    yield argument, False
        else:
            for header, body in statement.branches:
                yield from holes_of([header, *body])


def arguments_in(item: Item) -> Iterator[Argument]:
    """Give every argument of a piece of CMake."""
    if isinstance(item, Argument):
        yield item
    elif not isinstance(item, Hole):
        for command in commands_of([item]):
            yield from (each for each in command.arguments if isinstance(each, Argument))
