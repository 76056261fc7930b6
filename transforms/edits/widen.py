"""Give a condition an alternative.

Before::

    def f(platform, quick):
        if platform.is_cuda() and quick:
            return not platform.is_rocm()

`Widen(inside="m.f", find="$p.is_cuda()", by="$p.is_musa()")` gives::

    def f(platform, quick):
        if (platform.is_cuda() or platform.is_musa()) and quick:
            return not platform.is_rocm()

`Widen(inside="m.f", find="platform.is_rocm()", by="quick")` gives::

    def f(platform, quick):
        if platform.is_cuda() and quick:
            return not (platform.is_rocm() or quick)
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from transforms.engine.edit import (
    Found,
    check_declaration,
    count_problem,
    outside_of,
    scope_node,
    scope_paths,
)
from transforms.engine.outcome import Problem
from transforms.engine.patterns.metavariables import PatternError
from transforms.engine.patterns.pattern import Pattern
from transforms.engine.patterns.template import Template, substitute
from transforms.engine.patterns.unify import equal, unify
from transforms.engine.site import text_site
from transforms.engine.syntax.indentation import indented
from transforms.engine.syntax.parsed import parsed_expression
from transforms.engine.syntax.source import SourceError, walk_addressable
from transforms.engine.writing.written import fits_in_place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from transforms.engine.patterns.pattern import Match
    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Source, Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Widen:
    """Every match of an expression `E` becomes `E or by`, in parentheses where it needs them.

    `E` itself is not written again, so several patches can widen the same one. In `E or x`, the
    alternative comes directly behind `E`. Where the alternative is already in the `or` of a match,
    that match is done.

    Attributes:
        inside: dotted path of a module, class or function; its whole subtree is searched.
        find: a pattern of the condition, an expression.
        by: the alternative, an expression; may use what `find` binds.
        count: how many sites there are.
        versions: the releases this edit is for; empty for all of the patch's.

    Raises:
        PatternError: `find` or `by` is no expression, a metavariable is unbound, or `find` fits on
            `by`, so that it could not be seen that the edit is done.
        ValueError: `inside` is no dotted path, or `count` is less than 1.
    """

    inside: str
    find: str
    by: str
    count: int = 1
    versions: str = ""
    _pattern: Pattern = field(init=False, repr=False, compare=False)
    _template: Template = field(init=False, repr=False, compare=False)
    _written: Pattern | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Parse both expressions, so that a wrong one fails where it is written."""
        check_declaration(inside=self.inside, count=self.count)
        pattern = Pattern.parse(self.find)
        template = Template.parse(self.by, pattern.names)
        for name, parsed in (("find", pattern), ("by", template.pattern)):
            if not parsed.is_expression:
                raise PatternError(f"`{name}` must be an expression, not {parsed.text!r}")
        new, old = template.pattern.nodes[0], pattern.nodes[0]
        if any(unify(old, value, {}) is not None for value in (new, *_values(new))):
            raise PatternError(
                f"what {self.by!r} adds cannot be told from {self.find!r}: say more about one"
            )
        object.__setattr__(self, "_pattern", pattern)
        object.__setattr__(self, "_template", template)
        # Only an `or` is no longer found when it has been widened.
        values = [*_values(old), *_values(new)]
        is_or = len(_values(old)) > 1
        written = Pattern(self.by, (ast.BoolOp(ast.Or(), values),), is_expression=True)
        object.__setattr__(self, "_written", written if is_or else None)

    def paths(self, tree: Tree) -> tuple[str, ...] | Problem:
        """Give the module of `inside`."""
        return scope_paths(self.inside, tree)

    def match(self, source: Source, tree: Tree) -> Found:
        """Find the conditions that do not have the alternative yet."""
        located = scope_node(self.inside, source, tree, self._pattern)
        if isinstance(located, Problem):
            return Found(problem=located)
        scope, node = located
        matches = self._pattern.matches(node)
        chains = _or_chains(node)
        done = [match for match in matches if self._alternatives(match, chains)]
        added = {
            id(inner)
            for match in done
            for value in self._alternatives(match, chains)
            for inner in ast.walk(value)
        }
        written = self._written.matches(node) if self._written else []
        waiting = [
            match
            for match in outside_of(matches, written)
            if match not in done and id(match.nodes[0]) not in added
        ]
        problem = count_problem(
            matched=len(waiting),
            expected=self.count,
            already=len(done) + len(written),
            pattern=self._pattern,
            scope=scope,
            node=node,
            source=source,
        )
        sites = [site for match in waiting for site in self._sites(match, chains, source)]
        return Found(sites=tuple(sites), problem=problem)

    def _alternatives(self, match: Match, chains: Mapping[int, ast.BoolOp]) -> list[ast.expr]:
        """Give what stands in the `or` of a match as this edit would write it, if all does."""
        chain = chains.get(id(match.nodes[0]), match.nodes[0])
        there = [value for value in _values(chain) if value is not match.nodes[0]]
        wanted = _values(substitute(self._template.pattern.nodes[0], match.bindings))
        found = [next((item for item in there if equal(value, item)), None) for value in wanted]
        return [item for item in found if item] if all(found) else []

    def _sites(
        self, match: Match, chains: Mapping[int, ast.BoolOp], source: Source
    ) -> Iterator[Site]:
        """Find how to write the alternative so that it means what it should.

        Raises:
            SourceError: there is no way.
        """
        (node,) = match.nodes
        if not isinstance(node, ast.expr):
            return
        start, end = source.span(node)
        flush_left = self._template.expression(match.bindings, source, node)
        text = indented(flush_left, source.indentation(start), first=False)
        new = substitute(self._template.pattern.nodes[0], match.bindings)
        meant = ast.BoolOp(ast.Or(), [*_values(node), *_values(new)])
        for before, behind in _ways(text):
            if _fits(node, before, behind, meant, source, in_or=id(node) in chains):
                if before:
                    yield text_site(source, start, start, before)
                # A point inside of the condition: whatever writes that again is a conflict.
                yield text_site(source, end, end, behind, behind=start + 1)
                return
        raise SourceError(source.path, f"{self.by!r} cannot be written there", node.lineno)


def _ways(by: str) -> Iterator[tuple[str, str]]:
    """Give what can be written before and behind a condition, the plainest first."""
    for before, closing, last in (("", "", ""), ("(", "", ")"), ("(", ")", ""), ("((", ")", ")")):
        for text in (by, f"({by})"):
            yield before, f"{closing} or {text}{last}"


def _fits(  # noqa: PLR0913 - the condition, what is written around it, and what that should mean
    node: ast.expr, before: str, behind: str, meant: ast.BoolOp, source: Source, *, in_or: bool
) -> bool:
    # The condition's own lines are in brackets already, wherever those are.
    kept = ast.unparse(node) if "\n" in source.text(source.span(node)) else ""
    text = f"{before}{kept or source.text(source.span(node))}{behind}"
    if in_or:
        # Whatever stands beside it there, `a or b or c` is one `or`.
        return equal(parsed_expression(text), meant)
    return fits_in_place(text, node, meant, source)


def _or_chains(scope: ast.AST) -> dict[int, ast.BoolOp]:
    """Give for each value of an `or` the `or` that it stands in."""
    return {
        id(value): node
        for node in walk_addressable(scope)
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or)
        for value in node.values
    }


def _values(node: ast.AST) -> list[ast.expr]:
    """Give the values of an `or`, those of an `or` inside of it included."""
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
        return [part for value in node.values for part in _values(value)]
    return [node] if isinstance(node, ast.expr) else []
