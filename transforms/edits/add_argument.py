"""Give a function a parameter, or calls an argument.

Before::

    def load(path, *, strict=True):
        check(path)
        return read(path, strict)

`AddArgument(inside="m.load", argument="*, device: str = 'cpu'")` gives::

    def load(path, *, strict=True, device: str = 'cpu'):
        check(path)
        return read(path, strict)

`AddArgument(inside="m.load", argument="dtype", after="path")` gives::

    def load(path, dtype, *, strict=True):
        check(path)
        return read(path, strict)

`AddArgument(inside="m.load", call="read", argument="mode='rb'")` gives::

    def load(path, *, strict=True):
        check(path)
        return read(path, strict, mode='rb')
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from transforms.engine.edit import (
    Found,
    already_there,
    check_declaration,
    count_problem,
    scope_node,
    scope_paths,
)
from transforms.engine.outcome import Problem, Status
from transforms.engine.patterns.metavariables import PatternError
from transforms.engine.patterns.unify import equal
from transforms.engine.syntax.canonical import canonical
from transforms.engine.syntax.definition import Function, Kind, Parameter, parameters
from transforms.engine.syntax.elements import parameter_elements
from transforms.engine.syntax.slots import (
    STAR,
    NoPlaceError,
    place_for,
    require_parameters,
    slots,
    without,
)
from transforms.engine.syntax.source import Source, SourceError, walk_addressable
from transforms.engine.writing.call import Argument, call_pattern, with_argument
from transforms.engine.writing.element_sites import insert_elements

if TYPE_CHECKING:
    from transforms.engine.patterns.pattern import Pattern
    from transforms.engine.syntax.scope import Scope
    from transforms.engine.syntax.source import Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class AddArgument:
    """The function `inside` gains a parameter; or, with `call`, calls inside it gain an argument.

    Attributes:
        inside: dotted path of the function; for calls, of a module, class or function, whose whole
            subtree is searched.
        argument: for a function, one parameter: `x: int = 0`; `*, x` for one that never becomes
            positional; or `**x`. For calls, one argument: `x`, `x=1`, `*x` or `**x`; it may use
            what `call` binds.
        call: a pattern of what is called, without the arguments: `self.run`; None for the function.
        after: the parameter, or the keyword of the calls, that it goes directly behind; None for
            the last place that Python allows.
        count: how many calls gain it.
        versions: the releases this edit is for; empty for all of the patch's.

    Raises:
        PatternError: `argument` is not one parameter or argument, or `call` is not what is called.
        ValueError: `inside` is no dotted path, `count` is less than 1, `after` is no name or stands
            beside a positional argument, or `count` stands beside no `call`.
    """

    inside: str
    argument: str
    call: str | None = None
    after: str | None = None
    count: int = 1
    versions: str = ""
    _call: Pattern | None = field(init=False, repr=False, compare=False)
    _argument: Argument | None = field(init=False, repr=False, compare=False)
    _parameter: Parameter | None = field(init=False, repr=False, compare=False)
    _text: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Parse the argument and the call, so that wrong ones fail where they are written."""
        check_declaration(inside=self.inside, count=self.count)
        if self.after is not None and not self.after.isidentifier():
            raise ValueError(f"`after` must be the name of a parameter, not {self.after!r}")
        call = argument = parameter = None
        text = ""
        if self.call is None:
            parameter, text = _parsed(self.argument)
            if self.count != 1:
                raise ValueError("a function gains a parameter once: `count` is for calls")
        else:
            call = call_pattern(self.call)
            argument = Argument.parse(self.argument, call.names)
            if argument.is_positional and self.after is not None:
                raise ValueError(
                    "a positional argument goes behind the other ones: for another place, write a "
                    "Replace of the call instead of `after`"
                )
        for name, value in (("call", call), ("argument", argument), ("parameter", parameter)):
            object.__setattr__(self, f"_{name}", value)
        object.__setattr__(self, "_text", text)

    def paths(self, tree: Tree) -> tuple[str, ...] | Problem:
        """Give the module of `inside`."""
        return scope_paths(self.inside, tree)

    def match(self, source: Source, tree: Tree) -> Found:
        """Find the place in the function, or the calls that do not have the argument yet."""
        located = scope_node(self.inside, source, tree, self._call)
        if isinstance(located, Problem):
            return Found(problem=self._with_lambda(located, source))
        scope, node = located
        if self._call and self._argument:
            return self._match_calls(self._call, self._argument, scope, node, source)
        if not isinstance(node, Function):
            reason = f"{scope.dotted or 'the module'} is no function"
            return Found(problem=self._drift(reason, scope))
        return self._match_function(node, scope, source)

    def _with_lambda(self, missing: Problem, source: Source) -> Problem:
        """Say where the name is that of a `lambda`, which has no place for a statement's path."""
        name = self.inside.rpartition(".")[2]
        notes = [
            f"line {node.lineno} makes {name!r} with a lambda: write a Replace of that"
            for node in walk_addressable(source.module)
            if isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Lambda)
            and any(isinstance(item, ast.Name) and item.id == name for item in node.targets)
        ]
        return replace(missing, notes=(*missing.notes, *notes))

    def _match_calls(
        self, pattern: Pattern, argument: Argument, scope: Scope, node: ast.AST, source: Source
    ) -> Found:
        waiting, done = [], 0
        for match in pattern.matches(node):
            (call,) = match.nodes
            if not isinstance(call, ast.Call):
                continue
            wanted = argument.node(match.bindings)
            there = _counterpart(argument, wanted, call)
            if there is not None and equal(wanted, there):
                done += 1
            elif there is not None and isinstance(wanted, ast.keyword) and wanted.arg:
                reason = f"a call passes another {argument.name!r}"
                return Found(problem=self._drift(reason, scope, there, source))
            else:
                waiting.append((call, match.bindings))
        problem = count_problem(
            matched=len(waiting),
            expected=self.count,
            already=done,
            pattern=pattern,
            scope=scope,
            node=node,
            source=source,
        )
        sites = (
            with_argument(call, argument, bindings, self.after, source)
            for call, bindings in waiting
        )
        return Found(sites=tuple(sites), problem=problem)

    def _match_function(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope, source: Source
    ) -> Found:
        new = self._parameter
        if new is None:
            return Found()
        there = slots(node, source)
        mine = [slot for slot in there if slot.parameter and slot.name == new.name]
        rest = without(there, new.name)
        try:
            place = place_for(new, rest if mine else there, self.after)
        except NoPlaceError as error:
            reason = f"it has a {new.name!r} of its own" if mine else str(error)
            return Found(problem=self._drift(reason, scope, node, source))
        if mine:
            # Where it stands among the others counts only for what is given by position.
            stands = [slot.name for slot in there if slot.parameter].index(new.name)
            before = sum(slot.parameter is not None for slot in rest[: place.index])
            is_there = (
                mine[0].kind is place.kind
                and _says(mine[0].parameter) == _says(new)
                and (self.after is None or place.kind is Kind.KEYWORD_ONLY or stands == before)
            )
            reason = f"it has a {new.name!r} of its own"
            return Found(
                problem=already_there(scope, self.argument, node.lineno)
                if is_there
                else self._drift(reason, scope, node, source)
            )
        texts = [STAR, self._text] if place.needs_star else [self._text]
        site = insert_elements(parameter_elements(node, source), place.index, texts)
        wanted = [(slot.name, slot.kind) for slot in there if slot.kind]
        at = sum(slot.kind is not None for slot in there[: place.index])
        wanted.insert(at, (new.name, place.kind))
        return Found(sites=(require_parameters(site, node, wanted, source),))

    def _drift(
        self,
        reason: str,
        scope: Scope,
        node: ast.stmt | ast.expr | ast.keyword | None = None,
        source: Source | None = None,
    ) -> Problem:
        return Problem(
            status=Status.DRIFTED,
            reason=reason,
            path=scope.path,
            scope=scope.dotted,
            looked_for=f"a place for {self.argument}",
            closest=source.first_line(node) if node and source else "",
            line=node.lineno if node else 0,
        )


def _counterpart(
    argument: Argument, wanted: ast.AST, call: ast.Call
) -> ast.expr | ast.keyword | None:
    """Give the argument of a call that stands where the new one would."""
    if isinstance(wanted, ast.keyword) and wanted.arg:
        return next((item for item in call.keywords if item.arg == wanted.arg), None)
    if isinstance(wanted, ast.keyword):
        return next((item for item in call.keywords if equal(wanted, item)), None)
    others = call.args if argument.name else call.args[-1:]
    return next((item for item in others if equal(wanted, item)), None)


def _says(parameter: Parameter | None) -> str:
    return canonical([parameter.node.annotation, parameter.default]) if parameter else ""


def _parsed(argument: str) -> tuple[Parameter, str]:
    """Parse one parameter; give it and its text, without a bare `*` in front of it."""
    source = Source("argument", f"def f({argument}\n): pass".encode())
    try:
        (node,) = source.module.body
    except (SourceError, ValueError):
        node = None
    found = parameters(node) if isinstance(node, ast.FunctionDef) else []
    if not isinstance(node, ast.FunctionDef) or len(found) != 1:
        raise PatternError(f"`argument` must be one parameter of a function, not {argument!r}")
    texts = parameter_elements(node, source).texts
    if found[0].kind in {Kind.POSITIONAL_ONLY, Kind.VAR_POSITIONAL}:
        raise PatternError(
            f"only `x`, `*, x` and `**x` can be added, not {argument!r}: replace the header instead"
        )
    return found[0], texts[-1]
