"""Add a method to a class.

Before::

    class Platform:
        def is_cuda(self):
            return self.kind == "cuda"

`AddMember(inside="m.Platform", after="is_cuda", code="def is_musa(self): return False")` gives::

    class Platform:
        def is_cuda(self):
            return self.kind == "cuda"

        def is_musa(self): return False
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from transforms.engine.edit import Found, check_declaration, scope_node, scope_paths
from transforms.engine.metavariables import PatternError
from transforms.engine.outcome import Problem, Status
from transforms.engine.pattern import dedent
from transforms.engine.placement import insertion_after
from transforms.engine.source import blocks
from transforms.engine.template import Template
from transforms.engine.unify import equal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.source import Source, Tree

_METHOD = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddMember:
    """A class gains a method that it does not have.

    Attributes:
        inside: dotted path of the class.
        code: one `def`, with its decorators and docstring.
        after: the existing method, directly in the class, that it is written behind.
        versions: the releases this edit is for; empty for all of the patch's.

    Raises:
        PatternError: `code` is not one function definition.
        ValueError: `inside` is no dotted path, or `after` is no name.
    """

    inside: str
    code: str
    after: str
    versions: str = ""
    _member: ast.FunctionDef | ast.AsyncFunctionDef = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Parse the code, so that a wrong one fails where it is written."""
        check_declaration(inside=self.inside)
        pattern = Template.parse(self.code, frozenset(), statements=True).pattern
        (member, *others) = pattern.nodes
        if others or not isinstance(member, _METHOD):
            raise PatternError(f"a member is one function definition: {self.code!r}")
        if not self.after.isidentifier():
            raise ValueError(f"`after` must be the name of a method, not {self.after!r}")
        object.__setattr__(self, "_member", member)

    def paths(self, tree: Tree) -> tuple[str, ...] | Problem:
        """Give the module of `inside`."""
        return scope_paths(self.inside, tree)

    def match(self, source: Source, tree: Tree) -> Found:
        """Find the neighbour; a class that has such a member already is not changed."""
        located = scope_node(self.inside, source, tree)
        if isinstance(located, Problem):
            return Found(problem=located)
        scope, node = located
        if not isinstance(node, ast.ClassDef):
            return Found(problem=self._drift(scope.path, scope.dotted, "is not a class", node))
        mine = next(_bound_to(self._member.name, node), None)
        if mine is not None:
            return Found(problem=self._present(scope.path, scope.dotted, mine))
        methods = [item for item in node.body if isinstance(item, _METHOD)]
        neighbours = [item for item in methods if item.name == self.after]
        if not neighbours:
            reason = f"has no method {self.after!r} to write {self._member.name!r} behind"
            return Found(problem=self._drift(scope.path, scope.dotted, reason, node))
        # Of a property's getter and setter, or of overloads, the last one.
        site = insertion_after(neighbours[-1], dedent(self.code), source, blank_lines=1)
        return Found(sites=(site,))

    def _present(self, path: str, scope: str, there: ast.stmt) -> Problem:
        if equal(self._member, there):
            return Problem(
                status=Status.OBSOLETE,
                reason="what it would write is already there",
                path=path,
                scope=scope,
                line=there.lineno,
            )
        return self._drift(path, scope, f"has a {self._member.name!r} of its own", there)

    def _drift(self, path: str, scope: str, reason: str, node: ast.AST) -> Problem:
        return Problem(
            status=Status.DRIFTED,
            reason=f"{scope} {reason}",
            path=path,
            scope=scope,
            looked_for=dedent(self.code).split("\n", 1)[0],
            line=getattr(node, "lineno", 0),
        )


def _bound_to(name: str, scope: ast.AST) -> Iterator[ast.stmt]:
    """Give the statements of a class that bind a name, those in `if` and `try` included."""
    for block in blocks(scope):
        for statement in block:
            targets: list[ast.expr] = []
            if isinstance(statement, ast.Assign):
                targets = statement.targets
            elif isinstance(statement, ast.AnnAssign):
                targets = [statement.target]
            if getattr(statement, "name", None) == name or any(
                isinstance(target, ast.Name) and target.id == name for target in targets
            ):
                yield statement
            elif not isinstance(statement, (*_METHOD, ast.ClassDef)):
                yield from _bound_to(name, statement)
