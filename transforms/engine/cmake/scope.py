"""The part of a CMake file that an edit looks into, and what is wrong where it does not hold."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from transforms.engine import native
from transforms.engine.cmake.closest import closest_to
from transforms.engine.cmake.files import is_cmake
from transforms.engine.cmake.pattern import Pattern
from transforms.engine.cmake.reading import statements_of
from transforms.engine.cmake.syntax import Argument, Block, lists_of
from transforms.engine.edit import check_path
from transforms.engine.outcome import Problem, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.cmake.pattern import Match
    from transforms.engine.cmake.syntax import Statement
    from transforms.engine.syntax.source import Source, Tree

_DEFINITIONS = frozenset({"function", "macro"})
_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Where an edit looks.

    Attributes:
        inside: the function or macro; empty for the whole file.
        statements: what is searched.
        source: the file.
    """

    inside: str
    statements: tuple[Statement, ...]
    source: Source


def scope_of(inside: str, looked_for: str, source: Source, tree: Tree) -> Scope | Problem:
    """Find the function or macro of a file that an edit names, or why there is none.

    Args:
        inside: its name; empty for the whole file.
        looked_for: the edit's pattern, to say where it fits if the scope is missing.
        source: the file.
        tree: the pristine tree.

    Raises:
        SourceError: the file is no CMake, or the packages that read it are missing.
    """
    statements = source.once(statements_of)
    if not inside:
        return Scope(inside=inside, statements=statements, source=source)
    found = [block for name, block in defined(statements) if name == inside.lower()]
    if len(found) == 1:
        return Scope(inside=inside, statements=(found[0],), source=source)
    if found:
        lines = ", ".join(str(source.line_of(block.start)) for block in found)
        return Problem(
            status=Status.DRIFTED,
            reason=f"{inside!r} is defined {len(found)} times, at lines {lines}",
            path=source.path,
            scope=inside,
            next_step="leave out `inside`, and let the pattern say which one",
        )
    return Problem(
        status=Status.MISSING,
        reason=f"this file defines no function or macro {inside!r}",
        path=source.path,
        scope=inside,
        looked_for=looked_for,
        notes=tuple(_whereabouts(inside, Pattern.parse(looked_for), source, tree)),
    )


def count_problem(
    *, matches: list[Match], expected: int, already: int, pattern: Pattern, scope: Scope
) -> Problem | None:
    """Say what is wrong with a number of matches, with the closest thing that is there.

    Args:
        matches: the sites that the pattern has.
        expected: how many its author counted.
        already: how many places hold what the edit would write.
        pattern: what was looked for.
        scope: where it was looked for.
    """
    return native.count_problem(
        path=scope.source.path,
        inside=scope.inside,
        looked_for=pattern.text,
        lines=[scope.source.line_of(match.start) for match in matches],
        expected=expected,
        already=already,
        closest_to=lambda: closest_to(pattern.statements, scope.statements, scope.source),
    )


def defined(statements: tuple[Statement, ...]) -> Iterator[tuple[str, Block]]:
    """Give the functions and macros, by their names in lower case: they have no case."""
    for block in lists_of(statements):
        for statement in block:
            if isinstance(statement, Block) and statement.header.name in _DEFINITIONS:
                arguments = statement.header.arguments
                if arguments and isinstance(arguments[0], Argument):
                    yield arguments[0].text.lower(), statement


def _whereabouts(inside: str, pattern: Pattern, source: Source, tree: Tree) -> Iterator[str]:
    statements = source.once(statements_of)
    names = dict(defined(statements))
    for near in get_close_matches(inside.lower(), names, 2):
        yield f"a similar name: {near}, line {source.line_of(names[near].start)}"
    if matches := pattern.matches(statements):
        lines = native.shown_lines([source.line_of(match.start) for match in matches])
        yield f"the pattern matches elsewhere in the file, at lines {lines}"
    wanted = inside.encode().lower()
    others = [path for path in sorted(tree) if is_cmake(path) and path != source.path]
    for path in [path for path in others if wanted in tree.read(path).lower()][:_SHOWN]:
        yield f"{path} has that name"


def check_declaration(*, path: str, inside: str, count: int) -> None:
    """Refuse a path, a scope or a count that no release can have.

    Raises:
        ValueError: `path` is not inside of the tree, `inside` is no name, or `count` is less
            than 1.
    """
    check_path(path)
    if inside and not inside.isidentifier():
        raise ValueError(f"`inside` must be the name of a function or macro, not {inside!r}")
    if count < 1:
        raise ValueError(f"`count` must be at least 1, not {count}")
