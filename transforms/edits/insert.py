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
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from transforms.engine.edit import (
    Found,
    check_declaration,
    count_problem,
    outside_of,
    scope_node,
    scope_paths,
)
from transforms.engine.outcome import Problem, Status
from transforms.engine.patterns.pattern import Pattern, blank_lines_around, dedent
from transforms.engine.patterns.template import Template
from transforms.engine.patterns.unify import unify_lists
from transforms.engine.syntax.enclosing import block_of
from transforms.engine.syntax.source import Span
from transforms.engine.writing.placement import insertion_after, insertion_before

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.engine.patterns.pattern import Match
    from transforms.engine.syntax.source import Source, Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class _Insert:
    """What both kinds of insertion share; see `InsertBefore` and `InsertAfter`."""

    inside: str
    anchor: str
    code: str
    count: int = 1
    other_side: str | None = None
    versions: str = ""
    _pattern: Pattern = field(init=False, repr=False, compare=False)
    _template: Template = field(init=False, repr=False, compare=False)
    _other: Pattern | None = field(init=False, repr=False, compare=False, default=None)

    def __post_init__(self) -> None:
        """Parse the anchor and the code, so that a wrong one fails where it is written."""
        check_declaration(inside=self.inside, count=self.count)
        pattern = Pattern.parse(self.anchor, statements=True)
        template = Template.parse(self.code, pattern.names, statements=True)
        object.__setattr__(self, "_pattern", pattern)
        object.__setattr__(self, "_template", template)
        if self.other_side:
            other = Pattern.parse(self.other_side, statements=True)
            object.__setattr__(self, "_other", other)

    def paths(self, tree: Tree) -> tuple[str, ...] | Problem:
        """Give the module of `inside`."""
        return scope_paths(self.inside, tree)


@dataclass(frozen=True, slots=True, kw_only=True)
class InsertBefore(_Insert):
    """Put statements before every match of an anchor.

    Attributes:
        inside: dotted path of a module, class or function; its whole subtree is searched.
        anchor: a pattern of one or more statements; it stays as it is.
        code: the statements to add, with the empty lines around them; may use what `anchor` binds.
        count: how many sites there are.
        other_side: a pattern of the statement that must stand on the other side of `code`, next to
            the anchor now; empty where none may stand there, None where it does not matter. Where
            upstream has put something else there, nobody knows what belongs first.
        versions: the releases this edit is for; empty for all of the patch's.

    Raises:
        PatternError: a pattern or `code` is not Python, or a metavariable is unbound.
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
        code: the statements to add, with the empty lines around them; may use what `anchor` binds.
        count: how many sites there are.
        other_side: a pattern of the statement that must stand on the other side of `code`, next to
            the anchor now; empty where none may stand there, None where it does not matter. Where
            upstream has put something else there, nobody knows what belongs first.
        versions: the releases this edit is for; empty for all of the patch's.

    Raises:
        PatternError: a pattern or `code` is not Python, or a metavariable is unbound.
        ValueError: `inside` is no dotted path, or `count` is less than 1.
    """

    def match(self, source: Source, tree: Tree) -> Found:
        """Find the anchors that the code does not stand behind yet."""
        return _match(self, source, tree, after=True)


def _match(edit: _Insert, source: Source, tree: Tree, *, after: bool) -> Found:
    located = scope_node(edit.inside, source, tree, edit._pattern)  # noqa: SLF001 - one module
    if isinstance(located, Problem):
        return Found(problem=located)
    scope, node = located
    pattern, template = edit._pattern, edit._template  # noqa: SLF001 - one module
    anchor, code = pattern.nodes, template.pattern.nodes
    written = Pattern(
        edit.code, (*anchor, *code) if after else (*code, *anchor), is_expression=False
    )
    already = written.matches(node)
    anchors = outside_of(pattern.matches(node), already)
    matches = [match for match in anchors if _has_other_side(edit, match, node, after=after)]
    problem = count_problem(
        matched=len(matches),
        expected=edit.count,
        already=len(already),
        pattern=pattern,
        scope=scope,
        node=node,
        source=source,
    )
    if problem and problem.status is Status.DRIFTED and len(anchors) == edit.count:
        problem = _other_side_problem(problem, edit, anchors, source)
    sites = []
    for match in matches:
        statement = match.nodes[-1 if after else 0]
        if isinstance(statement, ast.stmt):
            above, below = blank_lines_around(edit.code)
            text = template.statements(match.bindings, source, statement)
            text = "\n" * above + text + "\n" * below
            place = insertion_after if after else insertion_before
            sites.append(place(statement, text, source))
    return Found(sites=tuple(sites), problem=problem)


def _beside(match: Match, scope: ast.AST, *, after: bool) -> ast.stmt | None:
    """Give the statement next to a match in its block, on the side where code would be put."""
    block, index = block_of(scope, match.nodes[-1 if after else 0])
    beside = index + 1 if after else index - 1
    return block[beside] if 0 <= beside < len(block) else None


def _has_other_side(edit: _Insert, match: Match, scope: ast.AST, *, after: bool) -> bool:
    if edit.other_side is None:
        return True
    beside = _beside(match, scope, after=after)
    if edit._other is None or beside is None:  # noqa: SLF001 - one module
        return edit._other is None and beside is None  # noqa: SLF001
    return unify_lists(edit._other.nodes, [beside], {}) is not None  # noqa: SLF001


def _other_side_problem(
    problem: Problem, edit: _Insert, anchors: Sequence[Match], source: Source
) -> Problem:
    """Say that the anchors are there, but something else is beside them."""
    line = getattr(anchors[0].nodes[0], "lineno", 0)
    start = source.line_start(line)
    closest = source.text(Span(start, source.line_start(line + 1))).strip()
    wanted = dedent(edit.other_side or "").split("\n", 1)[0] or "the end of the block"
    return replace(
        problem,
        reason=f"beside the anchor stands something else than {wanted!r}",
        closest=closest,
        line=line,
    )
