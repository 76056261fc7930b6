"""Change syntax nodes by a function, for what no pattern can say.

Before::

    def f(sizes):
        return g(1, 2, key=3)

`Rewrite(inside="m.f", node=cst.Call, function=without_numbers, done="g(key=3)")` gives, with a
function that leaves out the arguments that are numbers::

    def f(sizes):
        return g(key=3)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from transforms.engine.edit import Found, already_there, check_declaration, scope_node, scope_paths
from transforms.engine.optional_packages import OPTIONAL_PACKAGES
from transforms.engine.outcome import Problem, Status
from transforms.engine.patterns.pattern import Pattern
from transforms.engine.writing.concrete import changed_nodes

if TYPE_CHECKING:
    from collections.abc import Callable

    import libcst

    from transforms.engine.site import Site
    from transforms.engine.syntax.scope import Scope
    from transforms.engine.syntax.source import Source, Tree

Node = TypeVar("Node", bound="libcst.CSTNode")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrite(Generic[Node]):
    """Every node of a kind inside a scope goes through a function.

    Attributes:
        inside: dotted path of a module, class or function; its whole subtree is searched.
        node: the kind of LibCST node, e.g. `libcst.Call`.
        function: takes each such node, outer ones first; gives the same object to leave it as it
            is, or another one, which is a site. It is not called for what is inside of a site.
        done: a pattern of what the function writes, by which it is seen that the edit is done.
        count: how many nodes the function changes.
        versions: the releases this edit is for; empty for all of the patch's.

    Raises:
        PatternError: `done` is not Python.
        ValueError: `inside` is no dotted path, or `count` is less than 1.
    """

    inside: str
    node: type[Node]
    function: Callable[[Node], Node]
    done: str
    count: int = 1
    versions: str = ""
    _done: Pattern = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Parse the pattern, so that a wrong one fails where it is written."""
        check_declaration(inside=self.inside, count=self.count)
        object.__setattr__(self, "_done", Pattern.parse(self.done))

    @property
    def requires(self) -> tuple[str, ...]:
        """LibCST, which no other kind of edit uses."""
        return (OPTIONAL_PACKAGES["libcst"],)

    def paths(self, tree: Tree) -> tuple[str, ...] | Problem:
        """Give the module of `inside`."""
        return scope_paths(self.inside, tree)

    def match(self, source: Source, tree: Tree) -> Found:
        """Find the nodes that the function changes."""
        located = scope_node(self.inside, source, tree)
        if isinstance(located, Problem):
            return Found(problem=located)
        scope, node = located
        sites = changed_nodes(node, self.node, self.function, source)
        if len(sites) == self.count:
            return Found(sites=sites)
        already = len(self._done.matches(node))
        return Found(sites=sites, problem=self._problem(sites, already, scope))

    def _problem(self, sites: tuple[Site, ...], already: int, scope: Scope) -> Problem:
        looked_for = f"{self.node.__name__} that {self.function.__name__} changes"
        if not sites and already == self.count:
            return already_there(scope, looked_for)
        lines = ", ".join(str(site.line) for site in sites)
        return Problem(
            status=Status.DRIFTED,
            reason=f"its function changes {len(sites)} nodes, expected {self.count}",
            path=scope.path,
            scope=scope.dotted,
            looked_for=looked_for,
            notes=(f"it changes those at lines {lines}",) if sites else (),
        )
