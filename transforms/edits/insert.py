"""Put statements before or after others.

Before::

    def setup():
        check()
        start()

`InsertBefore(inside="m.setup", anchor="start()", code="prepare()")` gives::

    def setup():
        check()
        prepare()
        start()

`InsertAfter(inside="m.setup", anchor="start()", code="report()")` gives::

    def setup():
        check()
        start()
        report()
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
from transforms.engine.pattern import Pattern
from transforms.engine.placement import insertion_after, insertion_before
from transforms.engine.template import Template

if TYPE_CHECKING:
    from transforms.engine.source import Source, Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class _Insert:
    """What both kinds of insertion share; see `InsertBefore` and `InsertAfter`."""

    inside: str
    anchor: str
    code: str
    count: int = 1
    versions: str = ""
    _pattern: Pattern = field(init=False, repr=False, compare=False)
    _template: Template = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Parse the anchor and the code, so that a wrong one fails where it is written."""
        check_declaration(inside=self.inside, count=self.count)
        pattern = Pattern.parse(self.anchor, statements=True)
        template = Template.parse(self.code, pattern.names, statements=True)
        object.__setattr__(self, "_pattern", pattern)
        object.__setattr__(self, "_template", template)

    def paths(self, tree: Tree) -> tuple[str, ...] | Problem:
        """Give the module of `inside`."""
        return scope_paths(self.inside, tree)


@dataclass(frozen=True, slots=True, kw_only=True)
class InsertBefore(_Insert):
    """Put statements before every match of an anchor.

    Attributes:
        inside: dotted path of a module, class or function; its whole subtree is searched.
        anchor: a pattern of one or more statements; it stays as it is.
        code: the statements to add; may use what `anchor` binds.
        count: how many sites there are.
        versions: the releases this edit is for; empty for all of the patch's.

    Raises:
        PatternError: `anchor` or `code` is not Python, or a metavariable is unbound.
        ValueError: `inside` is no dotted path, or `count` is less than 1.
    """

    def match(self, source: Source, tree: Tree) -> Found:
        """Find the anchors that the code does not stand before yet."""
        return _match(self, source, tree, after=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class InsertAfter(_Insert):
    """Put statements after every match of an anchor, behind all of a compound statement.

    Attributes:
        inside: dotted path of a module, class or function; its whole subtree is searched.
        anchor: a pattern of one or more statements; it stays as it is.
        code: the statements to add; may use what `anchor` binds.
        count: how many sites there are.
        versions: the releases this edit is for; empty for all of the patch's.

    Raises:
        PatternError: `anchor` or `code` is not Python, or a metavariable is unbound.
        ValueError: `inside` is no dotted path, or `count` is less than 1.
    """

    def match(self, source: Source, tree: Tree) -> Found:
        """Find the anchors that the code does not stand behind yet."""
        return _match(self, source, tree, after=True)


def _match(edit: _Insert, source: Source, tree: Tree, *, after: bool) -> Found:
    located = scope_node(edit.inside, source, tree)
    if isinstance(located, Problem):
        return Found(problem=located)
    scope, node = located
    pattern, template = edit._pattern, edit._template  # noqa: SLF001 - one module
    anchor, code = pattern.nodes, template.pattern.nodes
    written = Pattern(
        edit.code, (*anchor, *code) if after else (*code, *anchor), is_expression=False
    )
    already = written.matches(node)
    matches = outside_of(pattern.matches(node), already)
    problem = count_problem(
        matched=len(matches),
        expected=edit.count,
        already=len(already),
        pattern=pattern,
        scope=scope,
        node=node,
        source=source,
    )
    sites = []
    for match in matches:
        statement = match.nodes[-1 if after else 0]
        if isinstance(statement, ast.stmt):
            text = template.statements(match.bindings, source, statement)
            place = insertion_after if after else insertion_before
            sites.append(place(statement, text, source))
    return Found(sites=tuple(sites), problem=problem)
