"""What kind of change an assignment is: by what was there, and by what comes."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.syntax.definition import Function
from transforms.importers.monkeypatch.classes import Where, facts_of, member_of
from transforms.importers.monkeypatch.mutation import Form
from transforms.importers.monkeypatch.names import dotted_of
from transforms.importers.monkeypatch.resolution import Kind, Thing
from transforms.importers.monkeypatch.things import thing_at
from transforms.importers.monkeypatch.values import (
    Applied,
    Either,
    External,
    Own,
    OwnName,
    Part,
    Upstream,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from transforms.importers.monkeypatch.machine import Machine
    from transforms.importers.monkeypatch.values import Target, Value

_OF_PYTHON = frozenset({"__bases__", "__class__", "__dict__", "__mro__", "__name__"})
_PROPERTIES = frozenset({"property", "cached_property", "classproperty"})


@dataclass(frozen=True, slots=True)
class Slot:
    """The place that is assigned to.

    Attributes:
        target: where it is.
        holder: what it is an attribute of.
        name: its name.
    """

    target: Target
    holder: Thing
    name: str


def form_of(
    slot: Slot, value: Value, captured: Mapping[str, Target], machine: Machine
) -> tuple[Form, str]:
    """Say what kind of change an assignment is, and why nothing can be said, where that is so.

    Args:
        slot: the place.
        value: what is assigned.
        captured: the originals that the value closes over.
        machine: what is known.
    """
    if slot.name in _OF_PYTHON and slot.holder.kind in {Kind.MODULE, Kind.CLASS}:
        return Form.OTHER, f"`{slot.name}` is Python's own, and no source says it"
    if slot.holder.kind is Kind.MODULE:
        return _of_module(slot, value, captured, machine), ""
    if slot.holder.kind is Kind.CLASS:
        return _of_class(slot, value, captured, machine), ""
    return Form.OTHER, "it is an attribute of an object that is there only when vLLM runs"


def _of_module(  # noqa: PLR0911 - one for each form
    slot: Slot, value: Value, captured: Mapping[str, Target], machine: Machine
) -> Form:
    there = machine.library.find(slot.holder.target.module, slot.name)
    if there.kind is Kind.ABSENT:
        saved = isinstance(value, Upstream) and value.target.module == slot.target.module
        return Form.SAVE_ORIGINAL if saved else Form.INSERT_MODULE_ATTRIBUTE
    if there.is_imported or there.target.module != slot.target.module:
        return Form.REBIND_IMPORT
    if there.kind is Kind.CLASS:
        return _of_a_class(there, value, captured, machine)
    if there.target in captured.values():
        return Form.WRAP
    if there.kind is Kind.FUNCTION:
        return Form.REPLACE_FUNCTION
    if there.kind is Kind.VARIABLE:
        return Form.REPLACE_FUNCTION if is_callable(value, machine) else Form.CONSTANT
    return Form.OTHER


def _of_a_class(
    there: Thing, value: Value, captured: Mapping[str, Target], machine: Machine
) -> Form:
    if isinstance(value, Own) and isinstance(value.node, ast.ClassDef):
        return Form.SUBCLASS_AND_REBIND if _has_base(value, there, machine) else Form.REPLACE_CLASS
    if there.target in captured.values():
        return Form.WRAP
    return Form.REPLACE_CLASS


def _has_base(value: Own, there: Thing, machine: Machine) -> bool:
    """Tell whether a class of the plugin has one of vLLM among its bases, directly or not."""
    waiting = list(machine.bases.get(id(value.node), ()))
    while waiting:
        base = waiting.pop()
        if isinstance(base, Upstream):
            thing = thing_at(base.target, machine.library)
            if thing.kind is Kind.CLASS:
                line = facts_of(thing, machine.library).line
                if there.target in {item.target for item in line}:
                    return True
        elif isinstance(base, Own):
            waiting += machine.bases.get(id(base.node), ())
        elif isinstance(base, Either):
            waiting += base.values
    return False


def _of_class(  # noqa: PLR0911 - one for each form
    slot: Slot, value: Value, captured: Mapping[str, Target], machine: Machine
) -> Form:
    member = member_of(slot.holder, slot.name, machine.library)
    there = member.thing
    if member.where in {Where.ABSENT, Where.UNKNOWN}:
        if _is_saved(slot, value, machine):
            return Form.SAVE_ORIGINAL
        return Form.WRAP if slot.target in captured.values() else Form.INSERT_CLASS_ATTRIBUTE
    if {there.target, slot.target} & set(captured.values()):
        return Form.WRAP
    if member.where is Where.INHERITED:
        return Form.OVERRIDE_INHERITED
    if is_property(value) or _is_property_node(there.node):
        return Form.PROPERTY
    if there.kind is Kind.CLASS:
        return _of_a_class(there, value, captured, machine)
    if there.kind is Kind.VARIABLE and not is_callable(value, machine):
        return Form.CONSTANT
    return Form.REPLACE_METHOD


def _is_saved(slot: Slot, value: Value, machine: Machine) -> bool:
    """Tell whether a new attribute keeps another one of the same class."""
    if not isinstance(value, Upstream) or len(value.target.path) < len(slot.target.path):
        return False
    if value.target.holder == slot.target.holder:
        return True
    line = facts_of(slot.holder, machine.library).line
    return value.target.holder in {item.target for item in line}


def is_property(value: Value) -> bool:
    """Tell whether a value is a property, or what a decorator makes into one."""
    if isinstance(value, Applied):
        return dotted_of(value.function).rpartition(".")[2] in _PROPERTIES
    return isinstance(value, Own) and _is_property_node(value.node)


def _is_property_node(node: ast.AST | None) -> bool:
    if not isinstance(node, Function):
        return False
    names = {
        item.attr if isinstance(item, ast.Attribute) else getattr(item, "id", "")
        for item in node.decorator_list
    }
    return bool(names & (_PROPERTIES | {"getter", "setter", "deleter"}))


def is_callable(value: Value, machine: Machine) -> bool:
    """Tell whether a value is a function, or may be one: no constant, and nothing that is data."""
    if isinstance(value, Own):
        return not isinstance(value.node, ast.ClassDef)
    if isinstance(value, OwnName):
        return thing_at(value.target, machine.own).kind is not Kind.VARIABLE
    if isinstance(value, Upstream):
        return thing_at(value.target, machine.library).kind is Kind.FUNCTION
    if isinstance(value, Applied):
        made_by = dotted_of(value.function).rpartition(".")[2]
        return made_by in {"partial", "staticmethod", "classmethod", "MethodType"}
    if isinstance(value, Either):
        return any(is_callable(item, machine) for item in value.values)
    return isinstance(value, External)


def is_behaviour(value: Value, machine: Machine) -> bool:
    """Tell whether a value is code, and not what an object keeps.

    Args:
        value: the value.
        machine: what is known.
    """
    if isinstance(value, Part):
        return value.name == "__get__" or is_behaviour(value.of, machine)
    if isinstance(value, Applied) and isinstance(value.function, Part):
        return value.function.name == "__get__"
    if isinstance(value, Applied) and isinstance(value.function, Own):
        return _makes_a_function(value.function.node)
    return is_callable(value, machine) and not isinstance(value, External)


def _makes_a_function(function: ast.AST) -> bool:
    """Tell whether a function returns one that it makes."""
    made = {
        item.name
        for item in ast.walk(function)
        if isinstance(item, Function) and item is not function
    }
    return any(
        isinstance(item.value, ast.Lambda) or getattr(item.value, "id", "") in made
        for item in ast.walk(function)
        if isinstance(item, ast.Return)
    )
