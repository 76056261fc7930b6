"""Take a parameter from a function, or an argument from calls.

Before::

    def load(path, *, strict=True):
        check(path)
        return read(path, mode="rb")

`DropArgument(inside="m.load", argument="strict")` gives::

    def load(path):
        check(path)
        return read(path, mode="rb")

`DropArgument(inside="m.load", call="read", argument="mode")` gives::

    def load(path, *, strict=True):
        check(path)
        return read(path)

`DropArgument(inside="m.load", call="check", argument=0)` gives::

    def load(path, *, strict=True):
        check()
        return read(path, mode="rb")
"""

from __future__ import annotations

import ast
import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from transforms.engine.edit import (
    Found,
    check_declaration,
    count_problem,
    scope_node,
    scope_paths,
)
from transforms.engine.outcome import Problem, Status
from transforms.engine.site import Site
from transforms.engine.syntax.definition import Function, Kind
from transforms.engine.syntax.elements import parameter_elements
from transforms.engine.syntax.slots import Slot, require_parameters, slots, without
from transforms.engine.writing.call import call_pattern, without_argument
from transforms.engine.writing.element_sites import remove_elements

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from transforms.engine.patterns.pattern import Pattern
    from transforms.engine.syntax.scope import Scope
    from transforms.engine.syntax.source import Source, Tree

# Of the names of arguments, as `difflib` compares them.
_CLOSE_ENOUGH = 0.75


@dataclass(frozen=True, slots=True, kw_only=True)
class DropArgument:
    """The function `inside` loses a parameter; or, with `call`, calls inside it lose an argument.

    A bare `*` or `/` that stood there for this parameter alone goes, too. What the function does
    with the parameter is for other edits of the patch.

    As for `Remove`, an argument that is gone is `obsolete`, unless one of a similar name is there:
    then upstream may have renamed it, and that is `drifted`.

    Attributes:
        inside: dotted path of the function; for calls, of a module, class or function, whose whole
            subtree is searched.
        argument: the parameter's or keyword's name; or, for calls, the position of the last
            positional argument, from 0. For one in front of others write a `Replace` of the call:
            when it is gone, another argument has its position.
        call: a pattern of what is called, without the arguments: `self.run`; None for the function.
        count: how many calls lose it.
        versions: the releases this edit is for; empty for all of the patch's.

    Raises:
        PatternError: `call` is not what is called.
        ValueError: `inside` is no dotted path, `count` is less than 1 or stands beside no `call`,
            or `argument` is no name, or a position where there is no `call` or below 0.
    """

    inside: str
    argument: str | int
    call: str | None = None
    count: int = 1
    versions: str = ""
    _call: Pattern | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Parse the call, so that a wrong one fails where it is written."""
        check_declaration(inside=self.inside, count=self.count)
        if isinstance(self.argument, str) and not self.argument.isidentifier():
            raise ValueError(f"`argument` must be one name or position, not {self.argument!r}")
        if isinstance(self.argument, int) and (self.call is None or self.argument < 0):
            raise ValueError(f"only calls have positions, from 0 on, not {self.argument!r}")
        if self.call is None and self.count != 1:
            raise ValueError("a function loses a parameter once: `count` is for calls")
        object.__setattr__(self, "_call", None if self.call is None else call_pattern(self.call))

    def paths(self, tree: Tree) -> tuple[str, ...] | Problem:
        """Give the module of `inside`."""
        return scope_paths(self.inside, tree)

    def match(self, source: Source, tree: Tree) -> Found:
        """Find the parameter, or the calls that have the argument."""
        located = scope_node(self.inside, source, tree, self._call)
        if isinstance(located, Problem):
            return Found(problem=located)
        scope, node = located
        if self._call:
            return self._match_calls(self._call, scope, node, source)
        if not isinstance(node, Function):
            reason = f"{scope.dotted or 'the module'} is no function"
            return Found(problem=self._problem(Status.DRIFTED, reason, scope))
        there = slots(node, source)
        at = next(
            (at for at, slot in enumerate(there) if slot.parameter and slot.name == self.argument),
            None,
        )
        if at is None:
            names = [slot.name for slot in there if slot.parameter]
            return Found(problem=self._gone(names, scope, node.lineno))
        wanted = [(slot.name, slot.kind) for slot in there if slot.kind and slot != there[at]]
        site = _removal(node, there, at, source)
        return Found(sites=(require_parameters(site, node, wanted, source),))

    def _match_calls(self, pattern: Pattern, scope: Scope, node: ast.AST, source: Source) -> Found:
        matches = pattern.matches(node)
        calls = [item for match in matches for item in match.nodes if isinstance(item, ast.Call)]
        having = [
            (call, argument)
            for call in calls
            for argument in [self._argument_of(call)]
            if argument is not None
        ]
        if not having and len(calls) >= self.count:
            if isinstance(self.argument, int):
                names = [ast.unparse(call) for call in calls if self._has_more(call)]
                if names:
                    reason = (
                        f"argument {self.argument} is not the last positional one: "
                        "write a Replace of the call"
                    )
                    return Found(problem=self._problem(Status.DRIFTED, reason, scope, names[0]))
            names = [keyword.arg for call in calls for keyword in call.keywords if keyword.arg]
            return Found(problem=self._gone(names, scope, calls[0].lineno))
        problem = count_problem(
            matched=len(having),
            expected=self.count,
            already=0,
            pattern=pattern,
            scope=scope,
            node=node,
            source=source,
        )
        sites = (without_argument(call, argument, source) for call, argument in having)
        return Found(sites=tuple(sites), problem=problem)

    def _argument_of(self, call: ast.Call) -> ast.expr | ast.keyword | None:
        """Give the argument of a call that goes; None where it has none."""
        if isinstance(self.argument, str):
            return next((item for item in call.keywords if item.arg == self.argument), None)
        if self._has_more(call) or len(call.args) <= self.argument:
            return None
        return call.args[self.argument]

    def _has_more(self, call: ast.Call) -> bool:
        """Tell whether other arguments make the position of this one mean something else."""
        starred = any(isinstance(item, ast.Starred) for item in call.args)
        return isinstance(self.argument, int) and (starred or len(call.args) > self.argument + 1)

    def _gone(self, names: Iterable[str], scope: Scope, line: int) -> Problem:
        close = difflib.get_close_matches(str(self.argument), names, n=1, cutoff=_CLOSE_ENOUGH)
        if close and isinstance(self.argument, str):
            reason = f"there is no {self.argument!r}, but something like it"
            return self._problem(Status.DRIFTED, reason, scope, close[0], line)
        reason = "what it would remove is not there, and nothing like it"
        return self._problem(Status.OBSOLETE, reason, scope, line=line)

    def _problem(
        self, status: Status, reason: str, scope: Scope, closest: str = "", line: int = 0
    ) -> Problem:
        return Problem(
            status=status,
            reason=reason,
            path=scope.path,
            scope=scope.dotted,
            looked_for=f"argument {self.argument}{f' of {self.call}(...)' if self.call else ''}",
            closest=closest,
            line=line,
        )


def _removal(
    node: ast.FunctionDef | ast.AsyncFunctionDef, there: Sequence[Slot], at: int, source: Source
) -> Site:
    """Make the site that takes a parameter away, with the sign that is there for it alone."""
    elements = parameter_elements(node, source)
    signs = {slot.name for slot in there} - {slot.name for slot in without(there, there[at].name)}
    behind = [slot.kind for slot in there[at + 1 : at + 2]]
    if there[at].kind is Kind.VAR_POSITIONAL and behind == [Kind.KEYWORD_ONLY]:
        # What stands behind it must stay keyword-only.
        start, end = elements.items[at].span
        line = source.line_of(start)
        return Site(path=source.path, start=start, end=end, replacement=b"*", line=line)
    first = at - 1 if "*" in signs and at and there[at - 1].name == "*" else at
    last = at + 1 if "/" in signs and at + 1 < len(there) and there[at + 1].name == "/" else at
    return remove_elements(elements, first, last)
