"""Replace an expression, statements, the header of a statement, or decorators by others.

Before::

    @cache
    def f(device, *, strict=False):
        return device.type == "cuda"  # or "musa"?

`Replace(inside="m.f", find='$d.type == "cuda"', replace='$d.type in ("cuda", "musa")')` gives::

    @cache
    def f(device, *, strict=False):
        return device.type in ("cuda", "musa")  # or "musa"?

`Replace(inside="m", find="def f($$rest):", replace="def f($$rest, index=0) -> bool:")` gives::

    @cache
    def f(device, *, strict=False, index=0) -> bool:
        return device.type == "cuda"  # or "musa"?

`Replace(inside="m.f", find="@cache", replace="@lru_cache(maxsize=None)")` gives::

    @lru_cache(maxsize=None)
    def f(device, *, strict=False):
        return device.type == "cuda"  # or "musa"?
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from transforms.engine.edit import (
    Found,
    check_declaration,
    count_problem,
    finds_itself,
    looks_like,
    outside_of,
    scope_node,
    scope_paths,
)
from transforms.engine.outcome import Problem
from transforms.engine.patterns.metavariables import PatternError
from transforms.engine.patterns.pattern import Pattern
from transforms.engine.patterns.template import Template, check_replacement
from transforms.engine.writing.decorator import decorators_site
from transforms.engine.writing.header import header_site
from transforms.engine.writing.placement import expression_site, statements_site

if TYPE_CHECKING:
    from transforms.engine.patterns.pattern import Match
    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Source, Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Replace:
    """Every match of a pattern inside a scope becomes something else.

    Attributes:
        inside: dotted path of a module, class or function; its whole subtree is searched.
        find: a pattern: one expression, consecutive statements, the header of a statement
            (`def f($$rest):`), or consecutive decorators (`@deco($x)`). An expression is found
            wherever it stands; if `replace` is not an expression, only where it is a statement of
            its own. The header and the decorators of `inside` itself are searched as well.
        replace: what takes its place; may use what `find` binds. A header takes the place of a
            header: the body, the comments in it and the decorators stay. Decorators take the place
            of decorators.
        count: how many sites there are.
        as_written: the layout of `replace` counts: all of it is written, not only what differs.
        versions: the releases this edit is for; empty for all of the patch's.

    Raises:
        PatternError: `find` or `replace` is not Python, a metavariable is unbound, one is a header
            or decorators and the other is not, or it could not be seen that the edit is done.
        ValueError: `inside` is no dotted path, or `count` is less than 1.
    """

    inside: str
    find: str
    replace: str
    count: int = 1
    as_written: bool = False
    versions: str = ""
    _pattern: Pattern = field(init=False, repr=False, compare=False)
    _template: Template = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Parse both patterns, so that a wrong one fails where it is written."""
        check_declaration(inside=self.inside, count=self.count)
        pattern = Pattern.parse(self.find)
        whole = not (pattern.is_expression or pattern.is_header or pattern.is_decorator)
        template = Template.parse(self.replace, pattern.names, statements=whole)
        check_replacement(pattern, template.pattern)
        if pattern.is_expression and not template.pattern.is_expression:
            # An expression cannot become statements, but a statement that is one can.
            pattern = Pattern.parse(self.find, statements=True)
        if finds_itself(pattern, template.pattern) and looks_like(pattern, template.pattern):
            raise PatternError(
                f"what {self.replace!r} writes cannot be told from {self.find!r}: "
                "say more about one of them"
            )
        object.__setattr__(self, "_pattern", pattern)
        object.__setattr__(self, "_template", template)

    def paths(self, tree: Tree) -> tuple[str, ...] | Problem:
        """Give the module of `inside`."""
        return scope_paths(self.inside, tree)

    def match(self, source: Source, tree: Tree) -> Found:
        """Find the sites; what the edit itself would write is not one of them."""
        located = scope_node(self.inside, source, tree, self._pattern)
        if isinstance(located, Problem):
            return Found(problem=located)
        scope, node = located
        already = self._template.pattern.matches(node)
        matches = self._pattern.matches(node)
        if finds_itself(self._pattern, self._template.pattern):
            matches = outside_of(matches, already)
        problem = count_problem(
            matched=len(matches),
            expected=self.count,
            already=len(already),
            pattern=self._pattern,
            scope=scope,
            node=node,
            source=source,
        )
        return Found(sites=tuple(self._site(match, source) for match in matches), problem=problem)

    def _site(self, match: Match, source: Source) -> Site:
        first = match.nodes[0]
        if match.is_header and isinstance(first, (ast.stmt, ast.ExceptHandler)):
            return header_site(
                first, self._template, match.bindings, source, as_written=self.as_written
            )
        if self._pattern.is_decorator:
            decorators = [node for node in match.nodes if isinstance(node, ast.expr)]
            return decorators_site(
                decorators, self._template, match.bindings, source, as_written=self.as_written
            )
        if isinstance(first, ast.expr):
            return expression_site(
                first, self._template, match.bindings, source, as_written=self.as_written
            )
        statements = [node for node in match.nodes if isinstance(node, ast.stmt)]
        text = self._template.statements(match.bindings, source, statements[0])
        return statements_site(
            statements,
            text,
            source,
            takes_comment=_ends_with_binding(match, statements[-1]),
            as_written=self.as_written,
        )


def _ends_with_binding(match: Match, last: ast.stmt) -> bool:
    """Tell whether statements that a metavariable bound end where the match does."""
    ends = [bound[-1] for bound in match.bindings.values() if isinstance(bound, list) and bound]
    return any(
        isinstance(end, ast.stmt)
        and (end.end_lineno, end.end_col_offset) == (last.end_lineno, last.end_col_offset)
        for end in ends
    )
