"""Give a constant of a module or class another value.

Before::

    BLOCK_SIZE: int = 16  # tokens

    class Config:
        backends = ("cuda", "rocm")

`SetConstant(inside="m", name="BLOCK_SIZE", was="16", value="64")` gives::

    BLOCK_SIZE: int = 64  # tokens

    class Config:
        backends = ("cuda", "rocm")

`SetConstant(inside="m.Config", name="backends", was="($$old,)", value="($$old, 'musa')")` gives::

    BLOCK_SIZE: int = 16  # tokens

    class Config:
        backends = ("cuda", "rocm", 'musa')
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from transforms.engine.edit import Found, already_there, check_declaration, scope_node, scope_paths
from transforms.engine.outcome import Problem, Status
from transforms.engine.patterns.metavariables import PatternError, one_name
from transforms.engine.patterns.pattern import Pattern
from transforms.engine.patterns.template import Template
from transforms.engine.patterns.unify import unify
from transforms.engine.syntax.assignment import assigned_value
from transforms.engine.syntax.canonical import canonical
from transforms.engine.writing.placement import expression_site

if TYPE_CHECKING:
    from transforms.engine.syntax.scope import Scope
    from transforms.engine.syntax.source import Source, Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class SetConstant:
    """The one assignment to a name, directly in a module or class, assigns something else.

    It stays an assignment of its own kind: the name, the annotation and the comment behind it are
    not touched. A name that is bound more than once, e.g. in both arms of an `if`, is drift: which
    one counts cannot be seen from the source.

    Attributes:
        inside: dotted path of a module or class.
        name: the name that is assigned to, without dots.
        value: the new value, an expression; may use what `was` binds.
        was: a pattern of what the value must be now; None where it does not matter.
        versions: the releases this edit is for; empty for all of the patch's.

    Raises:
        PatternError: `value` or `was` is no expression, a metavariable is unbound, or `value` is
            what was there.
        ValueError: `inside` is no dotted path, or `name` is no name.
    """

    inside: str
    name: str
    value: str
    was: str | None = None
    versions: str = ""
    _was: Pattern | None = field(init=False, repr=False, compare=False)
    _template: Template = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Parse both expressions, so that a wrong one fails where it is written."""
        check_declaration(inside=self.inside)
        if not self.name.isidentifier():
            raise ValueError(f"`name` must be one name, without dots, not {self.name!r}")
        was = None if self.was is None else Pattern.parse(self.was)
        template = Template.parse(self.value, was.names if was else frozenset())
        for field_name, pattern in (("was", was), ("value", template.pattern)):
            if pattern and not pattern.is_expression:
                raise PatternError(f"`{field_name}` must be an expression, not {pattern.text!r}")
        (new,) = template.pattern.nodes
        if one_name(new) or (was and canonical(was.nodes[0]) == canonical(new)):
            raise PatternError(f"`value` is what was there before: {self.value!r}")
        object.__setattr__(self, "_was", was)
        object.__setattr__(self, "_template", template)

    def paths(self, tree: Tree) -> tuple[str, ...] | Problem:
        """Give the module of `inside`."""
        return scope_paths(self.inside, tree)

    def match(self, source: Source, tree: Tree) -> Found:
        """Find the assignment, and compare its value with both."""
        located = scope_node(self.inside, source, tree)
        if isinstance(located, Problem):
            return Found(problem=located)
        scope, node = located
        if not isinstance(node, (ast.Module, ast.ClassDef)):
            reason = f"{scope.dotted} is a function; only a module or class has constants"
            return Found(problem=self._problem(scope, reason))
        value = assigned_value(self.name, node, scope, source)
        if isinstance(value, Problem):
            return Found(problem=value)
        if unify(self._template.pattern.nodes[0], value, {}) is not None:
            return Found(problem=already_there(scope, self._looked_for, value.lineno))
        bindings = unify(self._was.nodes[0], value, {}) if self._was else {}
        if bindings is None:
            reason = f"the value of {self.name!r} is another one"
            return Found(
                problem=self._problem(scope, reason, source.first_line(value), value.lineno)
            )
        return Found(sites=(expression_site(value, self._template, bindings, source),))

    @property
    def _looked_for(self) -> str:
        return f"{self.name} = {'...' if self.was is None else self.was}"

    def _problem(self, scope: Scope, reason: str, there: str = "", line: int = 0) -> Problem:
        return Problem(
            status=Status.DRIFTED,
            reason=reason,
            path=scope.path,
            scope=scope.dotted,
            looked_for=self._looked_for,
            closest=there,
            line=line,
        )
