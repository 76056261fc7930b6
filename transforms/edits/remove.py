"""Remove statements or decorators.

Before::

    @torch.inference_mode()
    def run(model):
        check(model)
        if model.is_large:
            torch.cuda.empty_cache()  # make room
        return model()

`Remove(inside="m.run", find="torch.cuda.empty_cache()")` gives::

    @torch.inference_mode()
    def run(model):
        check(model)
        if model.is_large:
            pass
        return model()

`Remove(inside="m.run", find="if $model.is_large: $$body")` gives::

    @torch.inference_mode()
    def run(model):
        check(model)
        return model()

`Remove(inside="m.run", find="@torch.inference_mode()")` gives::

    def run(model):
        check(model)
        if model.is_large:
            torch.cuda.empty_cache()  # make room
        return model()
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from transforms.engine.edit import (
    Found,
    check_declaration,
    count_problem,
    scope_node,
    scope_paths,
)
from transforms.engine.explaining.closest import closest_to
from transforms.engine.outcome import Problem, Status
from transforms.engine.patterns.pattern import Pattern
from transforms.engine.syntax.source import all_blocks
from transforms.engine.writing.removal import decorators_removal, statements_removal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transforms.engine.patterns.pattern import Match
    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Source, Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Remove:
    """Every match of statements or decorators goes, with its lines and the comment behind it.

    Comments above it stay: they are upstream's. A block that would be empty gets `pass`; around a
    removed function or class, as many empty lines stay as the file needs. One name of
    `from m import a, b` is no statement: that is for `Replace`.

    Code that is gone looks the same whether this edit removed it or upstream did: both are
    `obsolete`. But where one thing in the scope differs in one place only (another argument, name
    or literal), upstream may have changed what should go: that is `drifted`, and says what it is.

    Attributes:
        inside: dotted path of a module, class or function; its whole subtree is searched.
        find: a pattern of one or more statements; of a header, e.g. `def f($$parameters):`, for
            the whole statement; or of decorators, e.g. `@cache`.
        count: how many sites there are.
        versions: the releases this edit is for; empty for all of the patch's.

    Raises:
        PatternError: `find` is not Python, or a metavariable cannot stand there.
        ValueError: `inside` is no dotted path, or `count` is less than 1.
    """

    inside: str
    find: str
    count: int = 1
    versions: str = ""
    _pattern: Pattern = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Parse the pattern, so that a wrong one fails where it is written."""
        check_declaration(inside=self.inside, count=self.count)
        pattern = Pattern.parse(self.find)
        if pattern.is_expression:
            pattern = Pattern.parse(self.find, statements=True)
        object.__setattr__(self, "_pattern", pattern)

    def paths(self, tree: Tree) -> tuple[str, ...] | Problem:
        """Give the module of `inside`."""
        return scope_paths(self.inside, tree)

    def match(self, source: Source, tree: Tree) -> Found:
        """Find the code; where there is none and nothing like it, the work is done."""
        located = scope_node(self.inside, source, tree, self._pattern)
        if isinstance(located, Problem):
            return Found(problem=located)
        scope, node = located
        matches = self._pattern.matches(node)
        if not matches and not closest_to(self._pattern, node, source).difference:
            problem = Problem(
                status=Status.OBSOLETE,
                reason="what it would remove is not there, and nothing like it",
                path=scope.path,
                scope=scope.dotted,
                looked_for=self._pattern.text,
            )
            return Found(problem=problem)
        problem_of_count = count_problem(
            matched=len(matches),
            expected=self.count,
            already=0,
            pattern=self._pattern,
            scope=scope,
            node=node,
            source=source,
        )
        return Found(sites=tuple(self._sites(matches, source)), problem=problem_of_count)

    def _sites(self, matches: Sequence[Match], source: Source) -> Iterator[Site]:
        if self._pattern.is_decorator:
            for match in matches:
                decorators = [node for node in match.nodes if isinstance(node, ast.expr)]
                yield decorators_removal(decorators, source)
            return
        removed = {id(node) for match in matches for node in match.nodes}
        for block in all_blocks(source.module):
            # Neighbours go together: what they leave behind depends on both.
            first = None
            for index, statement in enumerate([*block, None]):
                if id(statement) in removed:
                    first = index if first is None else first
                elif first is not None:
                    yield statements_removal(block, first, index - 1, source)
                    first = None
