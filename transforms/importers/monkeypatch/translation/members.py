"""A class of vLLM that gains a member: a function, or a value."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from transforms.edits import AddMember
from transforms.engine.patterns.metavariables import PatternError
from transforms.engine.syntax.definition import Function, parameters
from transforms.engine.syntax.indentation import indented
from transforms.engine.syntax.source import Span
from transforms.importers.monkeypatch.classes import member_of
from transforms.importers.monkeypatch.resolution import Kind, Thing
from transforms.importers.monkeypatch.translation.defined import defined_at
from transforms.importers.monkeypatch.translation.functions import code_of
from transforms.importers.monkeypatch.translation.handing_on import (
    arguments,
    called,
    decorators_of,
    handed_on,
)
from transforms.importers.monkeypatch.translation.marks import standing_aside
from transforms.importers.monkeypatch.translation.result import CannotError
from transforms.importers.monkeypatch.translation.shrinking import why_not
from transforms.importers.monkeypatch.translation.signatures import with_wraps
from transforms.importers.monkeypatch.translation.uses import body_uses
from transforms.importers.monkeypatch.values import Target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.engine.edit import Edit
    from transforms.importers.monkeypatch.mutation import Mutation
    from transforms.importers.monkeypatch.translation.code import Code
    from transforms.importers.monkeypatch.translation.found import Found
    from transforms.importers.monkeypatch.translation.functions import Replacement
    from transforms.importers.monkeypatch.translation.setting import Setting

_INNER = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.Lambda,
    ast.GeneratorExp,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
)


def member_added(
    taking: Replacement, mutation: Mutation, found: Found, setting: Setting, condition: str = ""
) -> tuple[tuple[Edit, ...], Code]:
    """Write the edit that gives a class a function that it does not have, or inherits.

    Args:
        taking: the function of the plugin.
        mutation: what assigns it.
        found: the place in vLLM.
        setting: all that is read.
        condition: where it does not hold, what is inherited is called; empty for always.

    Raises:
        CannotError: it cannot be written.
    """
    changes, handled = _super_calls(taking, mutation, found, setting)
    first, extra = _first(taking, mutation, found, setting, condition)
    bases = [ast.unparse(base) for base in getattr(found.owner, "bases", ())]
    original = f"{bases[0]}.{found.target.path[-1]}" if first and len(bases) == 1 else ""
    taking, imports = with_wraps(original, taking, mutation, found, setting)
    code = code_of(
        taking,
        mutation,
        found,
        setting,
        changes=changes,
        handled=handled,
        first=first,
        extra=extra,
    )
    code = replace(code, eager=code.eager | imports)
    try:
        edit = AddMember(inside=found.around, code=code.text)
    except (PatternError, ValueError) as error:
        raise CannotError(str(error)) from error
    reason = why_not((edit,), setting)
    if reason:
        raise CannotError(reason)
    return (edit,), code


def _first(
    taking: Replacement, mutation: Mutation, found: Found, setting: Setting, condition: str
) -> tuple[str, str]:
    """Write when the function does what is inherited, and nothing else.

    Returns:
        What it does first of all; and where its condition does not hold. Both may be empty.
    """
    calls_it = any(_is_inherited(item, found, setting) for item in mutation.captured.values())
    own = taking.own.node
    if isinstance(own, ast.ClassDef) or not (calls_it or condition):
        return "", ""
    upstream = _inherited(found, setting).node
    if calls_it and "classmethod" in decorators_of(upstream):
        raise CannotError("nobody can tell which class its original is bound to")
    name = found.target.path[-1]
    instead = handed_on(inherited_call(name, own, upstream, taking.decorators), own, upstream)
    return (
        standing_aside(".".join(found.target.path), instead) if calls_it else "",
        f"if not ({condition}):\n{indented(instead, '    ')}" if condition else "",
    )


def inherited_call(
    name: str, own: Function | ast.Lambda, upstream: ast.AST | None, decorators: Sequence[str] = ()
) -> str:
    """Write the call of the member that a class inherits, with what its own one is given.

    Args:
        name: the member.
        own: its own one.
        upstream: the inherited one; None where nobody knows it.
        decorators: what its own one is wrapped in besides its own decorators.
    """
    kinds = {*decorators, *decorators_of(own)}
    if kinds & {"property", "cached_property"}:
        return f"super().{name}"
    for kind, part in (("setter", "fset"), ("deleter", "fdel")):
        if kind in kinds:
            return f"super(__class__, __class__).{name}.{part}({arguments(own, None)})"
    if "staticmethod" in kinds:
        return called(f"super(__class__, __class__).{name}", arguments(own, upstream))
    if name == "__new__":
        return called(f"super().{name}", arguments(own, upstream))
    return called(f"super().{name}", arguments(own, upstream, bound=True))


def _super_calls(
    taking: Replacement, mutation: Mutation, found: Found, setting: Setting
) -> tuple[tuple[tuple[Span, str], ...], frozenset[str]]:
    """Write `original(self, x)` as `super().name(x)`, if it is used in such calls only."""
    own = taking.own.node
    if not isinstance(own, Function) or not parameters(own):
        return (), frozenset()
    source = setting.plugin_source(taking.own.module)
    receiver = parameters(own)[0].name
    above = {id(child): item for item in ast.walk(own) for child in ast.iter_child_nodes(item)}
    changes: list[tuple[Span, str]] = []
    handled: set[str] = set()
    for use in body_uses(own):
        target = mutation.captured.get(use.name)
        if target is None or use.is_annotation or not _is_inherited(target, found, setting):
            continue
        call = above.get(id(use.node))
        is_call = isinstance(call, ast.Call) and call.func is use.node and bool(call.args)
        if not isinstance(call, ast.Call) or not is_call or use.is_in_f_string:
            return (), frozenset()
        if getattr(call.args[0], "id", "") != receiver or _is_inside_function(call, own):
            return (), frozenset()
        at = source.span(call.args[0]).end
        while source.data[at : at + 1].isspace() or source.data[at : at + 1] == b",":
            at += 1
        start = source.span(call.func).start
        changes.append((Span(start, at), f"super().{found.target.path[-1]}("))
        handled.add(use.name)
    return tuple(changes), frozenset(handled)


def _is_inherited(target: Target, found: Found, setting: Setting) -> bool:
    """Tell whether an original is what the class inherits, and stays so."""
    known = setting.originals.get(target)
    if known is not None:
        return known.target == found.target and not known.private
    return _inherited(found, setting).target == target


def _inherited(found: Found, setting: Setting) -> Thing:
    """Give the member of its bases that a class has in a place."""
    cls = defined_at(Target(module=found.target.module, path=found.target.path[:-1]), setting)
    thing = Thing(kind=Kind.CLASS, target=cls, node=found.owner)
    return member_of(thing, found.target.path[-1], setting.library).thing


def _is_inside_function(node: ast.AST, own: Function) -> bool:
    """Tell whether code is of an inner function: `super()` asks for the frame that it is in."""
    return any(
        node in ast.walk(item)
        for item in ast.walk(own)
        if isinstance(item, _INNER) and item is not own
    )
