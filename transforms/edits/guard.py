"""Put statements behind a condition.

Before::

    def setup(device):
        prepare(device)
        # Both or none.
        capture(device)
        replay(device)

`Guard(inside="m.setup", find="prepare(device)", condition="device.is_cuda")` gives::

    def setup(device):
        if device.is_cuda:
            prepare(device)
        # Both or none.
        capture(device)
        replay(device)

`Guard(inside="m.setup", find='''
capture($d)
replay($d)
''', condition="$d.has_graphs", orelse="run($d)")` gives::

    def setup(device):
        prepare(device)
        # Both or none.
        if device.has_graphs:
            capture(device)
            replay(device)
        else:
            run(device)
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
from transforms.engine.outcome import Problem
from transforms.engine.patterns.metavariables import PatternError
from transforms.engine.patterns.pattern import Pattern, dedent
from transforms.engine.patterns.template import Template, substitute, substitute_all
from transforms.engine.patterns.unify import equal
from transforms.engine.syntax.indentation import indented
from transforms.engine.syntax.source import blocks, walk_addressable
from transforms.engine.writing.placement import statements_site

if TYPE_CHECKING:
    from transforms.engine.patterns.pattern import Match
    from transforms.engine.patterns.unify import Bindings
    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Source, Tree

_UNIT = "    "
# No pattern of a patch has a metavariable of this name.
_GUARDED = "guarded_by_wheelwright"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """Every match of statements runs only where a condition holds.

    The statements keep their text, with the comments between and behind them, one level deeper;
    comments above the first one stay above the `if`. Statements that stand behind this condition
    already, whatever else stands there with them, are done.

    Attributes:
        inside: dotted path of a module, class or function; its whole subtree is searched.
        find: a pattern of one or more statements.
        condition: an expression; may use what `find` binds.
        orelse: the statements that run where the condition does not hold; may use what `find`
            binds. Empty for no `else`.
        count: how many sites there are.
        versions: the releases this edit is for; empty for all of the patch's.

    Raises:
        PatternError: `find` or `orelse` are no statements, `condition` is no expression on one
            line or in brackets, or a metavariable is unbound.
        ValueError: `inside` is no dotted path, or `count` is less than 1.
    """

    inside: str
    find: str
    condition: str
    orelse: str = ""
    count: int = 1
    versions: str = ""
    _pattern: Pattern = field(init=False, repr=False, compare=False)
    _condition: ast.AST = field(init=False, repr=False, compare=False)
    _orelse: Pattern | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Parse all three, so that a wrong one fails where it is written."""
        check_declaration(inside=self.inside, count=self.count)
        pattern = Pattern.parse(self.find, statements=True)
        condition = Template.parse(self.condition, pattern.names).pattern
        if not condition.is_expression:
            raise PatternError(f"`condition` must be an expression, not {self.condition!r}")
        orelse = None
        if self.orelse.strip():
            orelse = Template.parse(self.orelse, pattern.names, statements=True).pattern
        object.__setattr__(self, "_pattern", pattern)
        object.__setattr__(self, "_condition", condition.nodes[0])
        object.__setattr__(self, "_orelse", orelse)
        # What the parts are alone, they are not always together, e.g. a condition on two lines.
        self._template(_UNIT)

    def _template(self, unit: str) -> Template:
        """Make the whole `if`, with one level of indentation as the file has it."""
        text = f"if {dedent(self.condition)}:\n{unit}$${_GUARDED}"
        if self._orelse:
            text += f"\nelse:\n{indented(dedent(self.orelse), unit)}"
        return Template.parse(text, self._pattern.names | {_GUARDED}, statements=True)

    def paths(self, tree: Tree) -> tuple[str, ...] | Problem:
        """Give the module of `inside`."""
        return scope_paths(self.inside, tree)

    def match(self, source: Source, tree: Tree) -> Found:
        """Find the statements that do not stand behind the condition yet."""
        located = scope_node(self.inside, source, tree, self._pattern)
        if isinstance(located, Problem):
            return Found(problem=located)
        scope, node = located
        matches = self._pattern.matches(node)
        arms = {
            id(statement): item
            for item in walk_addressable(node)
            if isinstance(item, ast.If)
            for statement in item.body
        }
        behind = [
            (match, arm)
            for match in matches
            for arm in [arms.get(id(match.nodes[0]))]
            if arm is not None and equal(substitute(self._condition, match.bindings), arm.test)
        ]
        done = [match for match, arm in behind if self._has_else(arm, match)]
        # The statements of the `else` may be found, too.
        settled = {id(match.nodes[0]) for match, _ in behind}
        settled |= {
            id(inner) for _, arm in behind for item in arm.orelse for inner in ast.walk(item)
        }
        waiting = [match for match in matches if id(match.nodes[0]) not in settled]
        problem = count_problem(
            matched=len(waiting),
            expected=self.count,
            already=len(done),
            pattern=self._pattern,
            scope=scope,
            node=node,
            source=source,
        )
        return Found(sites=tuple(self._site(match, source) for match in waiting), problem=problem)

    def _has_else(self, arm: ast.If, match: Match) -> bool:
        if self._orelse is None:
            return True
        return equal(substitute_all(self._orelse.nodes, match.bindings), arm.orelse)

    def _site(self, match: Match, source: Source) -> Site:
        statements = [node for node in match.nodes if isinstance(node, ast.stmt)]
        template = self._template(_level(source))
        bindings: Bindings = {**match.bindings, _GUARDED: [*statements]}
        text = template.statements(bindings, source, statements[0])
        return statements_site(statements, text, source, takes_comment=True)


def _level(source: Source) -> str:
    """Give one level of indentation as the file has it."""
    for statement in source.module.body:
        for block in blocks(statement):
            level = source.indentation(source.statement_span(block[0]).start)
            if level and block[0].lineno > statement.lineno:
                return level
    return _UNIT
