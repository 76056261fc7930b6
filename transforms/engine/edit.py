"""What the engine asks of an edit, and the helpers that edits inside one scope share."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from transforms.engine.outcome import Problem, Status
from transforms.engine.pattern import MANY, ONE
from transforms.engine.scope import Scope, locate, resolve
from transforms.engine.source import walk_addressable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from transforms.engine.pattern import Match, Pattern
    from transforms.engine.site import Site
    from transforms.engine.source import Source, Tree

_CLOSE_ENOUGH = 0.4
_TOO_LONG_TO_COMPARE = 400


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

    def judge(self, sites: Sequence[Site], release: str) -> Problem | None:
        """Judge the sites of all files together; None where `match` has already said it all."""


@runtime_checkable
class AddsFile(Protocol):
    """An edit that adds one of the platform's runtime files."""

    @property
    def path(self) -> str:
        """Where the file goes in the tree."""

    def bind(self, runtime: Mapping[str, bytes]) -> Edit:
        """Take the file's bytes from the platform's runtime files."""


def scope_paths(inside: str, tree: Tree) -> tuple[str, ...] | Problem:
    """Give the one file of a dotted path, or why there is none."""
    scope = resolve(inside, tree)
    return scope if isinstance(scope, Problem) else (scope.path,)


def scope_node(inside: str, source: Source, tree: Tree) -> tuple[Scope, ast.AST] | Problem:
    """Find a dotted path's scope and its node, or why there is none."""
    scope = resolve(inside, tree)
    if isinstance(scope, Problem):
        return scope
    node = locate(scope, source, tree)
    return node if isinstance(node, Problem) else (scope, node)


def count_problem(  # noqa: PLR0913 - each is one column of the message
    *,
    matched: int,
    expected: int,
    already: int,
    pattern: Pattern,
    scope: Scope,
    node: ast.AST,
) -> Problem | None:
    """Say what is wrong with a number of matches, with the closest thing that is there.

    Args:
        matched: how many sites the pattern has.
        expected: how many its author counted.
        already: how many places hold what the edit would write.
        pattern: what was looked for.
        scope: where it was looked for.
        node: the scope's syntax.
    """
    if matched == expected:
        return None
    if not matched and already == expected:
        return Problem(
            status=Status.OBSOLETE,
            reason="what it would write is already there",
            path=scope.path,
            scope=scope.dotted,
            looked_for=pattern.text,
        )
    closest, line = ("", 0) if matched else closest_to(pattern, node)
    return Problem(
        status=Status.DRIFTED,
        reason=f"matched {matched} sites, expected {expected}",
        path=scope.path,
        scope=scope.dotted,
        looked_for=pattern.text,
        closest=closest,
        line=line,
    )


def outside_of(matches: Sequence[Match], already: Sequence[Match]) -> list[Match]:
    """Leave out the matches that stand inside what the edit has already written."""
    written = {id(inner) for match in already for node in match.nodes for inner in ast.walk(node)}
    return [match for match in matches if id(match.nodes[0]) not in written]


def finds_itself(find: Pattern, replacement: Pattern) -> bool:
    """Tell whether a replacement contains what is looked for, as in `a` becomes `a or b`."""
    block = ast.Module([node for node in replacement.nodes if isinstance(node, ast.stmt)], [])
    tops = [block] if block.body else replacement.nodes
    return any(find.matches(top) for top in tops)


def closest_to(pattern: Pattern, node: ast.AST) -> tuple[str, int]:
    """Find the code in a scope that reads most like a pattern.

    Returns:
        Its first line and its line number; empty and 0 where nothing is close.
    """
    wanted = _readable(pattern.nodes[0])
    kind = ast.expr if pattern.is_expression else ast.stmt
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(wanted)
    best, best_ratio = None, _CLOSE_ENOUGH
    for candidate in walk_addressable(node):
        if not isinstance(candidate, kind) or candidate is node:
            continue
        text = _readable(candidate)
        if len(text) > max(_TOO_LONG_TO_COMPARE, 4 * len(wanted)):
            continue
        matcher.set_seq1(text)
        if matcher.real_quick_ratio() > best_ratio and matcher.quick_ratio() > best_ratio:
            ratio = matcher.ratio() + (0.05 if type(candidate) is type(pattern.nodes[0]) else 0.0)
            if ratio > best_ratio:
                best, best_ratio = candidate, ratio
    if best is None:
        return "", 0
    return _readable(best), best.lineno


def _readable(node: ast.AST) -> str:
    text = ast.unparse(node).split("\n", 1)[0]
    return text.replace(MANY, "$$").replace(ONE, "$")
