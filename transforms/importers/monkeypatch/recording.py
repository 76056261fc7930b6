"""Assignments to what is vLLM's, or may be: each becomes a row."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from transforms.importers.monkeypatch.captured import captured_by
from transforms.importers.monkeypatch.computed import may_be_upstreams
from transforms.importers.monkeypatch.deleting import delete, delete_own
from transforms.importers.monkeypatch.forms import Slot, form_of, is_behaviour
from transforms.importers.monkeypatch.items import without_dict
from transforms.importers.monkeypatch.mutation import Form
from transforms.importers.monkeypatch.names import dotted_of
from transforms.importers.monkeypatch.resolution import Kind
from transforms.importers.monkeypatch.rows import Change, emit, place_of
from transforms.importers.monkeypatch.things import thing_at
from transforms.importers.monkeypatch.values import (
    Applied,
    Constant,
    Either,
    External,
    Own,
    OwnName,
    Parameter,
    Part,
    Target,
    Unknown,
    Upstream,
)

if TYPE_CHECKING:
    from transforms.importers.monkeypatch.machine import Machine
    from transforms.importers.monkeypatch.values import Value

_SCHEMA = frozenset({"model_fields", "__annotations__", "__pydantic_fields__"})


def record(change: Change, machine: Machine) -> None:
    """Note what an assignment does to vLLM; nothing where it does nothing to it.

    Args:
        change: the assignment.
        machine: what is known; what is assigned can be read from it afterwards.
    """
    holder = change.holder
    if isinstance(holder, Either):
        _record_either(change, holder, machine)
        return
    if change.key is not None:
        _record_item(change, machine)
    elif isinstance(holder, Upstream):
        _record_upstream(change, holder, machine)
    elif isinstance(holder, External):
        _record_external(change, f"{holder.dotted}.{change.name}", machine)
    elif isinstance(holder, OwnName):
        _record_own_name(change, holder, machine)
    elif isinstance(holder, Own):
        if change.deletes:
            delete_own(change, holder, machine)
        else:
            machine.notes[id(holder.node), change.name] = change.value
    else:
        _record_object(change, machine)


def _record_either(change: Change, holder: Either, machine: Machine) -> None:
    """Note an assignment to one of several; what is nobody's business of theirs is one row."""
    others = [
        item for item in holder.values if dotted_of(item) and not isinstance(item, (Upstream, Own))
    ]
    mine = [item for item in holder.values if item not in others]
    patched = [item for item in mine if isinstance(item, (Upstream, Own))]
    why_not = "which of several it is, is not known" if len(patched) > 1 else ""
    with machine.under(loop=why_not):
        for item in mine:
            record(replace(change, holder=item), machine)
    if others:
        names = ", ".join(dotted_of(item) for item in others)
        with machine.under(loop=f"it is one of {names}" if len(others) > 1 else ""):
            record(replace(change, holder=others[-1]), machine)


def _record_upstream(change: Change, holder: Upstream, machine: Machine) -> None:
    thing = thing_at(holder.target, machine.library)
    schema = _schema(Part(of=holder, name=change.name))
    if schema is not None:
        emit(change, Form.PYDANTIC_FIELD, schema, machine)
        return
    inside = thing.target if thing.kind in {Kind.MODULE, Kind.CLASS} else holder.target
    target = inside.member(change.name)
    if machine.later:
        emit(change, Form.INSTANCE, target, machine, why_not=_when(machine))
        return
    if change.deletes:
        delete(change, target, machine)
        return
    captured = captured_by(change.value, target, machine)
    machine.definitions.update((target, _definition(target, machine)))
    form, why_not = form_of(Slot(target, thing, change.name), change.value, captured, machine)
    dead = _no_effect(form, target, change, machine)
    emit(change, form, target, machine, captured=captured, why_not=why_not, dead=dead)
    if form is Form.SAVE_ORIGINAL and isinstance(change.value, Upstream):
        machine.saved[change.name] = change.value.target
    machine.patched[target] = change.value


def _definition(target: Target, machine: Machine) -> Target:
    """Give where what is assigned to was defined: in a base, where it is inherited."""
    return thing_at(target, machine.library).target


def _no_effect(form: Form, target: Target, change: Change, machine: Machine) -> str:
    """Say why an assignment changes nothing; empty where it does change something."""
    if machine.patched.get(target) == change.value and not isinstance(change.value, Unknown):
        return "the same value was assigned before"
    if change.value == Upstream(target=target):
        return "it is assigned what it is already"
    if form is Form.INSERT_MODULE_ATTRIBUTE and not _is_read(target, change.name, machine):
        return f"{target.module} has no {change.name!r}, and nothing in it reads one"
    return ""


def _is_read(target: Target, name: str, machine: Machine) -> bool:
    return machine.library.mentions(target.module, name) or machine.plugin.reads(name)


def _record_item(change: Change, machine: Machine) -> None:
    holder, key = change.holder, change.key
    dotted = dotted_of(holder)
    named = key.value if isinstance(key, Constant) else None
    if dotted.endswith(".__dict__"):
        _record_in_dictionary(change, holder, named, machine)
        return
    if dotted == "builtins.__builtins__":
        _record_external(change, f"builtins.{named}", machine)
        return
    schema = _schema(Part(of=holder, name=f"[{named!r}]"))
    root = _root(holder)
    if schema is not None:
        emit(change, Form.PYDANTIC_FIELD, schema, machine)
    elif dotted == "sys.modules":
        top = str(named).partition(".")[0]
        if top == machine.library.package:
            target = Target(module=str(named))
            emit(change, Form.OTHER, target, machine, why_not="it takes a whole module's place")
        elif top != machine.plugin.package:
            emit(change, Form.THIRD_PARTY, None, machine)
    elif isinstance(root, Upstream):
        registry_entry(change, root, machine)
    elif isinstance(holder, External):
        _record_external(change, f"{dotted}[{named!r}]", machine)


def _record_in_dictionary(change: Change, holder: Value, named: object, machine: Machine) -> None:
    """Note an item of a `__dict__`, which is an attribute of what the dictionary belongs to."""
    if isinstance(named, str):
        record(replace(change, holder=without_dict(holder), name=named, key=None), machine)
    elif isinstance(holder, Upstream):
        unread(change, machine, "the name of the attribute is computed")


def registry_entry(change: Change, registry: Upstream, machine: Machine) -> None:
    """Note an entry that is put into a registry of vLLM.

    Args:
        change: the assignment or the call.
        registry: the registry.
        machine: what is known.
    """
    form = Form.DELETE if change.deletes else Form.REGISTRY_ENTRY
    if machine.later:
        emit(change, Form.INSTANCE, registry.target, machine, why_not=_when(machine))
    else:
        captured = captured_by(change.value, registry.target, machine)
        emit(change, form, registry.target, machine, captured=captured)


def hook_installed(change: Change, machine: Machine) -> None:
    """Note an import hook of Python that the plugin installs.

    Args:
        change: the call.
        machine: what is known.
    """
    target = Target(module=dotted_of(change.holder))
    emit(change, Form.HOOK, target, machine, why_not=f"{target.module} is not vLLM's")


def schema_rebuilt(change: Change, cls: Upstream, machine: Machine) -> None:
    """Note that pydantic makes the schema of a class anew, where no field's row says so.

    Args:
        change: the call.
        cls: the class.
        machine: what is known.
    """
    target = cls.target.member("*")
    place = place_of(change, machine)
    if not any(item.form is Form.PYDANTIC_FIELD and item.place == place for item in machine.rows):
        emit(change, Form.PYDANTIC_FIELD, target, machine)


def unread(change: Change, machine: Machine, why_not: str) -> None:
    """Note what may patch vLLM in a way that cannot be read.

    Args:
        change: the statement or call.
        machine: what is known.
        why_not: why it cannot be read.
    """
    if not machine.later:
        emit(change, Form.OTHER, None, machine, why_not=why_not)
    elif isinstance(change.holder, Upstream):
        emit(change, Form.INSTANCE, None, machine, why_not=f"{why_not}, and {_when(machine)}")


def _record_external(change: Change, dotted: str, machine: Machine) -> None:
    is_hook = dotted == "builtins.__import__"
    form = Form.HOOK if is_hook else Form.THIRD_PARTY
    why_not = f"{dotted} is not vLLM's"
    emit(change, form, Target(module=dotted), machine, why_not=why_not)


def _record_own_name(change: Change, holder: OwnName, machine: Machine) -> None:
    if not machine.later:
        target = holder.target.member(change.name)
        why_not = f"{target.dotted} is the plugin's own"
        emit(change, Form.OWN_TARGET, target, machine, why_not=why_not)


def _record_object(change: Change, machine: Machine) -> None:
    """Note what is assigned to an attribute of something that may be an object of vLLM."""
    root, schema = _root(change.holder), _schema(Part(of=change.holder, name=change.name))
    if schema is not None:
        emit(change, Form.PYDANTIC_FIELD, schema, machine)
        return
    machine.frame.parts.append((change.holder, change.name, change.value))
    if isinstance(root, Upstream) and not machine.later:
        target = root.target
        why_not = "it is an attribute of an object that is there only when vLLM runs"
        emit(change, Form.OTHER, target, machine, why_not=why_not)
    elif isinstance(root, Parameter):
        own = root.is_first and id(root.function) in machine.values
        if not own and is_behaviour(change.value, machine):
            emit(change, Form.INSTANCE, None, machine, why_not=_when(machine))
    elif not machine.later and may_be_upstreams(change.holder, machine):
        why = root.why if isinstance(root, Unknown) else f"`{ast.unparse(change.written)}`"
        emit(change, Form.OTHER, None, machine, why_not=f"its target is computed: {why}")


def _when(machine: Machine) -> str:
    return f"it is done when `{machine.frame.made_in or '<lambda>'}` is called"


def _root(value: Value) -> Value:
    """Give what an attribute of an attribute is, in the end, an attribute of."""
    while True:
        if isinstance(value, Part):
            value = value.of
        elif isinstance(value, Applied) and dotted_of(value.function) == "builtins.type":
            value = value.positional[0] if value.positional else value.function
        else:
            return value


def _schema(value: Value) -> Target | None:
    """Give the field of a class whose pydantic schema is changed."""
    names: list[str] = []
    while isinstance(value, Part):
        names.insert(0, value.name)
        value = value.of
    if not isinstance(value, Upstream):
        return None
    path = (*value.target.path, *names)
    found = next((number for number, name in enumerate(path) if name in _SCHEMA), None)
    if found is None or found == 0:
        return None
    field = path[found + 1 : found + 2]
    name = field[0].strip("[]'\"") if field else "*"
    return Target(module=value.target.module, path=(*path[:found], name))
