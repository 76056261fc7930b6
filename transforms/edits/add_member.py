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

from transforms.engine.edit import Found, scope_node, scope_paths
from transforms.engine.outcome import Problem, Status
from transforms.engine.pattern import Pattern, PatternError, dedent, equal
from transforms.engine.placement import insertion_after
from transforms.engine.scope import Definition, definitions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.engine.site import Site
    from transforms.engine.source import Source, Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class AddMember:
    """A class gains a method that it does not have.

    Attributes:
        inside: dotted path of the class.
        code: one `def`, with its decorators and docstring.
        after: the existing method that it is written behind.
        versions: the releases this edit is for; empty for all of the patch's.

    Raises:
        PatternError: `code` is not one function definition.
    """

    inside: str
    code: str
    after: str
    versions: str = ""
    _member: ast.FunctionDef | ast.AsyncFunctionDef = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Parse the code, so that a wrong one fails where it is written."""
        (member, *others) = Pattern.parse(self.code, statements=True).nodes
        if others or not isinstance(member, (ast.FunctionDef, ast.AsyncFunctionDef)):
            raise PatternError(f"a member is one function definition: {self.code!r}")
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
        members = {item.name: item for item in definitions(node)}
        mine = members.get(self._member.name)
        if mine is not None:
            return Found(problem=self._present(scope.path, scope.dotted, mine))
        neighbour = members.get(self.after)
        if neighbour is None:
            reason = f"has no method {self.after!r} to write {self._member.name!r} behind"
            return Found(problem=self._drift(scope.path, scope.dotted, reason, node))
        return Found(sites=(insertion_after(neighbour, dedent(self.code), source, blank_lines=1),))

    def _present(self, path: str, scope: str, there: Definition) -> Problem:
        if equal(self._member, there):
            return Problem(
                status=Status.OBSOLETE,
                reason="what it would write is already there",
                path=path,
                scope=scope,
                line=there.lineno,
            )
        return self._drift(path, scope, f"has a {there.name!r} of its own", there)

    def _drift(self, path: str, scope: str, reason: str, node: ast.AST) -> Problem:
        return Problem(
            status=Status.DRIFTED,
            reason=f"{scope} {reason}",
            path=path,
            scope=scope,
            looked_for=dedent(self.code).split("\n", 1)[0],
            line=getattr(node, "lineno", 0),
        )

    def judge(self, sites: Sequence[Site], release: str) -> Problem | None:  # noqa: ARG002
        """Add nothing: `match` has seen the only file."""
        return None
