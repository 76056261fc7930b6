"""A class of vLLM that gains a member: a function, or a value."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.edits import AddMember
from transforms.engine.patterns.metavariables import PatternError
from transforms.engine.syntax.definition import Function, parameters
from transforms.engine.syntax.source import Span
from transforms.importers.monkeypatch.classes import member_of
from transforms.importers.monkeypatch.resolution import Kind, Thing
from transforms.importers.monkeypatch.translation.defined import defined_at
from transforms.importers.monkeypatch.translation.functions import code_of
from transforms.importers.monkeypatch.translation.result import CannotError
from transforms.importers.monkeypatch.translation.shrinking import why_not
from transforms.importers.monkeypatch.translation.uses import body_uses
from transforms.importers.monkeypatch.values import Target

if TYPE_CHECKING:
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
    extra = ""
    if condition:
        given = parameters(taking.own.node)  # type: ignore[arg-type]
        names = ", ".join(item.name for item in given[1:])
        extra = f"if not ({condition}):\n    return super().{found.target.path[-1]}({names})"
    code = code_of(taking, mutation, found, setting, changes=changes, handled=handled, extra=extra)
    try:
        edit = AddMember(inside=found.around, code=code.text)
    except (PatternError, ValueError) as error:
        raise CannotError(str(error)) from error
    reason = why_not((edit,), setting.tree, setting.release)
    if reason:
        raise CannotError(reason)
    return (edit,), code


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
    cls = defined_at(Target(module=found.target.module, path=found.target.path[:-1]), setting)
    thing = Thing(kind=Kind.CLASS, target=cls, node=found.owner)
    return member_of(thing, found.target.path[-1], setting.library).thing.target == target


def _is_inside_function(node: ast.AST, own: Function) -> bool:
    """Tell whether code is of an inner function: `super()` asks for the frame that it is in."""
    return any(
        node in ast.walk(item)
        for item in ast.walk(own)
        if isinstance(item, _INNER) and item is not own
    )
