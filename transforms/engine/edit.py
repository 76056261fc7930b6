"""What the engine asks of an edit, and the helpers that edits inside one scope share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from transforms.engine.explaining.closest import Closest, closest_to
from transforms.engine.explaining.whereabouts import where_pattern_matches
from transforms.engine.outcome import Problem, Status
from transforms.engine.patterns.unify import unify_lists
from transforms.engine.syntax.scope import Scope, locate, resolve

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator, Mapping, Sequence

    from transforms.engine.patterns.pattern import Match, Pattern
    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Source, Tree


_LINES_SHOWN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one edit found in one file.

    Attributes:
        sites: the places to change.
        problem: why the edit does not hold in this file.
    """

    sites: tuple[Site, ...] = ()
    problem: Problem | None = None


class Edit(Protocol):
    """One typed change inside a patch."""

    @property
    def versions(self) -> str:
        """The releases that this edit is for, a PEP 440 specifier; empty for all of the patch's."""

    def paths(self, tree: Tree) -> tuple[str, ...] | Problem:
        """Give the files that this edit looks into, without parsing any."""

    def match(self, source: Source, tree: Tree) -> Found:
        """Match the edit against one pristine file."""


@runtime_checkable
class JudgesSites(Protocol):
    """An edit that looks into several files, and can judge its sites only when it has seen all."""

    def judge(self, sites: Sequence[Site], release: str) -> Problem | None:
        """Say what is wrong with the sites of all files together; None where nothing is."""


@runtime_checkable
class DependsOnRelease(Protocol):
    """An edit that looks for something else in each release."""

    def for_release(self, release: str) -> Edit:
        """Give the edit as it is for one release."""


@runtime_checkable
class AddsFile(Protocol):
    """An edit that adds one of the platform's runtime files."""

    @property
    def path(self) -> str:
        """Where the file goes in the tree."""

    def bind(self, runtime: Mapping[str, bytes]) -> Edit:
        """Take the file's bytes from the platform's runtime files."""


@runtime_checkable
class NeedsPackages(Protocol):
    """An edit that uses packages which are not among the build's own requirements."""

    @property
    def requires(self) -> tuple[str, ...]:
        """The requirements (PEP 508) that the edit's build has."""


def scope_paths(inside: str, tree: Tree) -> tuple[str, ...] | Problem:
    """Give the one file of a dotted path, or why there is none."""
    scope = resolve(inside, tree)
    return scope if isinstance(scope, Problem) else (scope.path,)


def scope_node(
    inside: str, source: Source, tree: Tree, pattern: Pattern | None = None
) -> tuple[Scope, ast.AST] | Problem:
    """Find a dotted path's scope and its node, or why there is none.

    Args:
        inside: the path as a patch writes it.
        source: its module's file.
        tree: the pristine tree.
        pattern: what the edit looks for, to say where that is if the scope is missing.
    """
    scope = resolve(inside, tree)
    if isinstance(scope, Problem):
        return scope
    node = locate(scope, source, tree)
    if not isinstance(node, Problem):
        return scope, node
    if node.status is not Status.MISSING or pattern is None:
        return node
    notes = where_pattern_matches(pattern, inside, tree)
    return replace(node, notes=(*node.notes, *notes))


def count_problem(  # noqa: PLR0913 - each is one column of the message
    *,
    matched: int,
    expected: int,
    already: int,
    pattern: Pattern,
    scope: Scope,
    node: ast.AST,
    source: Source,
) -> Problem | None:
    """Say what is wrong with a number of matches, with the closest thing that is there.

    Args:
        matched: how many sites the pattern has.
        expected: how many its author counted.
        already: how many places hold what the edit would write.
        pattern: what was looked for.
        scope: where it was looked for.
        node: the scope's syntax.
        source: the file that the scope is in.
    """
    if matched == expected:
        return None
    if not matched and already == expected:
        return already_there(scope, pattern.text)
    closest = Closest() if matched else closest_to(pattern, node, source)
    return Problem(
        status=Status.DRIFTED,
        reason=f"matched {matched} sites, expected {expected}",
        path=scope.path,
        scope=scope.dotted,
        looked_for=pattern.text,
        closest=closest.text,
        line=closest.line,
        notes=(
            *([f"differs in: {closest.difference}"] if closest.difference else []),
            *_lines_of_matches(pattern, node, matched),
            *(
                f"one more stands inside the f-string at line {line}: edit that f-string as a whole"
                for line in pattern.lines_in_f_strings(node)
            ),
        ),
        next_step=_next_step(matched, expected, closest),
    )


def already_there(scope: Scope, looked_for: str = "", line: int = 0) -> Problem:
    """Say that an edit has nothing left to do.

    Args:
        scope: where it looked.
        looked_for: what it looked for; empty where there is no short way to say it.
        line: where its work stands, 1-based; 0 where that is not one place.
    """
    return Problem(
        status=Status.OBSOLETE,
        reason="what it would write is already there",
        path=scope.path,
        scope=scope.dotted,
        looked_for=looked_for,
        line=line,
    )


def _lines_of_matches(pattern: Pattern, node: ast.AST, matched: int) -> Iterator[str]:
    """Say where all matches are; what the edit has already written may hold further ones."""
    if matched:
        lines = [getattr(match.nodes[0], "lineno", 0) for match in pattern.matches(node)]
        more = f" and {len(lines) - _LINES_SHOWN} more" if len(lines) > _LINES_SHOWN else ""
        yield f"it matches at lines {', '.join(map(str, lines[:_LINES_SHOWN]))}{more}"


def _next_step(matched: int, expected: int, closest: Closest) -> str:
    if matched > expected:
        return f"say more in the pattern, narrow `inside`, or write count={matched}"
    if matched:
        return f"see which of the {expected} is gone or different, or write count={matched}"
    if closest.line:
        return f"compare it with line {closest.line}, and write an edit for that code"
    return "write an edit for what does the same now"


def check_declaration(*, inside: str, count: int = 1) -> None:
    """Refuse a scope or a count that no release can have.

    Raises:
        ValueError: `inside` is no dotted path, or `count` is less than 1.
    """
    if not inside:
        raise ValueError("`inside` must not be empty: name a module, class or function")
    for name in inside.split("."):
        if not name.isidentifier():
            raise ValueError(f"`inside` must be a dotted path, not {inside!r}")
    if count < 1:
        raise ValueError(f"`count` must be at least 1, not {count}")


def check_path(path: str) -> None:
    """Refuse a path that is not inside of the tree.

    Raises:
        ValueError: it is absolute, leads out of the tree, or has other slashes than `/`.
    """
    if "\\" in path or any(part in {"", ".", ".."} for part in path.split("/")):
        raise ValueError(f"`path` must be relative to the root of the tree, not {path!r}")


def outside_of(matches: Sequence[Match], already: Sequence[Match]) -> list[Match]:
    """Leave out the matches that stand inside what the edit has already written."""
    written = {id(node) for match in already for node in match.walk()}
    return [match for match in matches if id(match.nodes[0]) not in written]


def finds_itself(find: Pattern, replacement: Pattern) -> bool:
    """Tell whether a replacement contains what is looked for, as in `a` becomes `a or b`."""
    return bool(find.matches(replacement.tree))


def looks_like(find: Pattern, replacement: Pattern) -> bool:
    """Tell whether what is written could not be told from what is looked for, as in a swap."""
    return unify_lists(replacement.nodes, find.nodes, {}) is not None
