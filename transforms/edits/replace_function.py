"""Give a whole function another definition, as long as upstream's is the one that was read.

Before::

    class Worker:
        @traced
        def load(self, path):
            return self.read(path)  # slow

`ReplaceFunction(inside="m.Worker.load", code="def load(self, path): return self.map(path)", bodies={">=0.9": "71df18a83180fbb5"})` gives::

    class Worker:
        def load(self, path): return self.map(path)
"""  # noqa: E501 - an example is one line

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet

from transforms.engine.edit import Found, check_declaration, scope_node, scope_paths
from transforms.engine.outcome import Problem, Status
from transforms.engine.patch import admits
from transforms.engine.patterns.metavariables import PatternError
from transforms.engine.patterns.pattern import dedent
from transforms.engine.patterns.template import Template
from transforms.engine.syntax.alternatives import ACCESSORS
from transforms.engine.syntax.canonical import body_hash
from transforms.engine.syntax.definition import Function
from transforms.engine.writing.placement import statements_site

if TYPE_CHECKING:
    import ast
    from collections.abc import Mapping

    from transforms.engine.syntax.scope import Scope
    from transforms.engine.syntax.source import Source, Tree

_HASH = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceFunction:
    """A function becomes another one, its decorators and docstring included.

    What upstream changes in a function that is replaced is lost without a word. So the patch says
    which bodies its author has read, and any other body is `drifted`. To begin with, leave
    `bodies` empty: the message says what to write.

    Attributes:
        inside: dotted path of a function or method; of a property's parts `C.name.setter`.
        code: one `def` of the same name. Its decorators and comments take the place of upstream's.
        bodies: for releases (a PEP 440 specifier) the `body_hash` of upstream's function that the
            code was written against; where two are for one release, either may be there.
        release: the release that is matched, filled in by the engine; empty where any of the
            bodies will do.
        versions: the releases this edit is for; empty for all of the patch's.

    Raises:
        PatternError: `code` is not one function of that name.
        ValueError: `inside` is no dotted path, a specifier is none, or a hash is none.
    """

    inside: str
    code: str
    bodies: Mapping[str, str]
    release: str = ""
    versions: str = ""
    _function: Function = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Parse the code, so that a wrong one fails where it is written."""
        check_declaration(inside=self.inside)
        (function, *others) = Template.parse(self.code, frozenset(), statements=True).pattern.nodes
        if others or not isinstance(function, Function):
            raise PatternError(f"`code` must be one function definition: {self.code!r}")
        names = self.inside.split(".")
        name = names[-2] if names[-1] in ACCESSORS and len(names) > 1 else names[-1]
        if function.name not in {name, names[-1]}:
            raise PatternError(f"`code` must define {name!r}, as `inside` says: {self.code!r}")
        for specifier, known in self.bodies.items():
            SpecifierSet(specifier)
            if not _HASH.fullmatch(known):
                raise ValueError(f"a body's hash is 16 hexadecimal digits, not {known!r}")
        object.__setattr__(self, "_function", function)

    def for_release(self, release: str) -> ReplaceFunction:
        """Choose the bodies of one release."""
        return replace(self, release=release)

    def paths(self, tree: Tree) -> tuple[str, ...] | Problem:
        """Give the module of `inside`."""
        return scope_paths(self.inside, tree)

    def match(self, source: Source, tree: Tree) -> Found:
        """Find the function, and compare its body with those that are known."""
        located = scope_node(self.inside, source, tree)
        if isinstance(located, Problem):
            return Found(problem=located)
        scope, node = located
        if not isinstance(node, Function) or node.name != self._function.name:
            reason = f"{scope.dotted or scope.path} is not a function {self._function.name!r}"
            return Found(problem=self._problem(scope, node, reason))
        there = body_hash(node)
        if there == body_hash(self._function):
            reason = "what it would write is already there"
            return Found(problem=self._problem(scope, node, reason, status=Status.OBSOLETE))
        if there not in self._bodies_of_release():
            reason = f"the body of {scope.dotted} is not one that this patch was written against"
            return Found(problem=self._problem(scope, node, reason, notes=self._known(there)))
        site = statements_site(
            [node], dedent(self.code), source, takes_comment=True, as_written=True
        )
        return Found(sites=(site,))

    def _bodies_of_release(self) -> set[str]:
        return {
            known
            for specifier, known in self.bodies.items()
            if not self.release or admits(specifier, self.release)
        }

    def _known(self, there: str) -> tuple[str, ...]:
        """Say which bodies are known, and what to write where this one is as good."""
        listed = [f"known: {known} for {specifier}" for specifier, known in self.bodies.items()]
        alike = [specifier for specifier, known in self.bodies.items() if known == there]
        specifier = f"=={self.release}" if self.release else self.versions
        step = (
            f"it is the body of {alike[0]}: let that admit {self.release}"
            if alike
            else f'compare both; if `code` still holds, add to `bodies`: "{specifier}": "{there}",'
        )
        return (f"there is: {there}", *(listed or ["known: none"]), step)

    def _problem(
        self,
        scope: Scope,
        node: ast.AST,
        reason: str,
        *,
        status: Status = Status.DRIFTED,
        notes: tuple[str, ...] = (),
    ) -> Problem:
        return Problem(
            status=status,
            reason=reason,
            path=scope.path,
            scope=scope.dotted,
            looked_for=next(
                line for line in dedent(self.code).split("\n") if "def " in line
            ).strip(),
            line=getattr(node, "lineno", 0),
            notes=notes,
        )
