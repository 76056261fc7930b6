"""What an attribute may hold by now: what was assigned to it, or what was there before.

Several values are several branches; `Absent` among them says that it may not be there at all.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.engine.syntax.definition import Function
from transforms.importers.monkeypatch.classes import Where, beyond, facts_of, own_member
from transforms.importers.monkeypatch.known_bases import OF_EVERY_CLASS
from transforms.importers.monkeypatch.names import parts_of
from transforms.importers.monkeypatch.resolution import Kind, Thing
from transforms.importers.monkeypatch.things import as_value, thing_at
from transforms.importers.monkeypatch.values import (
    Absent,
    Applied,
    Constant,
    External,
    Own,
    Part,
    Upstream,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.importers.monkeypatch.machine import Machine
    from transforms.importers.monkeypatch.values import Target, Value

# Every class and function has them, and to read them is to read nothing of vLLM's code.
_OF_DEFINITIONS = frozenset(
    {"__dict__", "__annotations__", "__mro__", "__base__", "__bases__", "__class__", "__code__"}
    | {"__defaults__", "__kwdefaults__", "__get__", "__subclasses__", "mro"}
)
# A decorator may put them there.
_OF_DECORATED = frozenset({"__wrapped__", "__signature__"})


def held_by_upstream(target: Target, name: str, machine: Machine) -> list[Value]:
    """Give what an attribute of something of vLLM may hold.

    Args:
        target: what has the attribute.
        name: the attribute.
        machine: what is known.
    """
    thing = thing_at(target, machine.library)
    here = Upstream(target=target.member(name))
    stock: list[Value]
    if thing.kind in {Kind.CLASS, Kind.FUNCTION}:
        if name in _OF_DEFINITIONS:
            return [here]
        if name in _OF_DECORATED:
            return [here, Absent()]
    if thing.kind is Kind.MODULE:
        found = machine.library.find(thing.target.module, name)
        stock = _as_found(found) if name not in OF_EVERY_CLASS else [here]
        return _assigned(thing.target.member(name), stock, machine)
    if thing.kind is Kind.CLASS:
        return _held_by_class(thing, name, machine)
    stock = [here, Absent()]
    if thing.kind is Kind.FUNCTION and not _may_have(thing, name, machine):
        stock = [Absent()]
    return _assigned(here.target, stock, machine)


def _as_found(found: Thing) -> list[Value]:
    if found.kind is Kind.ABSENT:
        return [Absent()]
    return [as_value(found), Absent()] if found.kind is Kind.DYNAMIC else [as_value(found)]


def _assigned(target: Target, stock: list[Value], machine: Machine) -> list[Value]:
    """Give what was assigned to a target; where a branch did not, what is there without it."""
    untouched = Upstream(target=target)
    found: list[Value] = []
    for item in parts_of(machine.patched.get(target, untouched)):
        found += stock if item == untouched else [item]
    return found


def _may_have(function: Thing, name: str, machine: Machine) -> bool:
    """Tell whether a function has an attribute: its module says so, or a decorator may add it."""
    decorated = bool(getattr(function.node, "decorator_list", ()))
    mentioned = machine.library.mentions(function.target.module, name)
    return decorated or mentioned or name.startswith("__")


def _held_by_class_itself(cls: Thing, name: str, machine: Machine) -> list[Value]:
    own = own_member(cls, name)
    stock: list[Value] = [Absent()] if own is None else [as_value(own)]
    return _assigned(cls.target.member(name), stock, machine)


def _held_by_class(cls: Thing, name: str, machine: Machine) -> list[Value]:
    known = {
        "__module__": cls.target.module,
        "__name__": cls.target.path[-1],
        "__qualname__": ".".join(cls.target.path),
    }
    if name in known:
        return [Constant(value=known[name])]
    found: list[Value] = []
    for item in facts_of(cls, machine.library).line:
        here = _held_by_class_itself(item, name, machine)
        found += _without_absent(here)
        if Absent() not in here:
            return found
    where = beyond(cls, name, machine.library).where
    stock: list[Value] = [Upstream(target=cls.target.member(name))]
    if where is Where.ABSENT:
        stock = [Absent()]
    elif where is Where.UNKNOWN:
        stock += [Absent()]
    return found + stock


def held_in_dictionary(of: Value, name: str, machine: Machine) -> Sequence[Value]:
    """Give what the `__dict__` of a class or module may hold; nothing where nobody knows.

    Args:
        of: the class or module.
        name: the key.
        machine: what is known.
    """
    if isinstance(of, Own):
        return _held_by_own_itself(of, name, machine)
    if isinstance(of, Upstream):
        thing = thing_at(of.target, machine.library)
        if thing.kind is Kind.CLASS:
            return _held_by_class_itself(thing, name, machine)
        if thing.kind is Kind.MODULE:
            return held_by_upstream(thing.target, name, machine)
    return ()


def is_there(held: Sequence[Value]) -> bool | None:
    """Tell whether an attribute is there; None where only a running program knows.

    Args:
        held: what it may hold.
    """
    absent = [isinstance(item, Absent) for item in held]
    return None if any(absent) and not all(absent) else not all(absent)


def _without_absent(values: list[Value]) -> list[Value]:
    return [item for item in values if not isinstance(item, Absent)]


def _held_by_own_itself(value: Own, name: str, machine: Machine) -> tuple[Value, ...]:
    members = machine.classes.get(id(value.node), {})
    return parts_of(machine.notes.get((id(value.node), name), members.get(name, Absent())))


def held_by_own(value: Own, name: str, machine: Machine) -> list[Value]:
    """Give what an attribute of a function or class of the plugin may hold.

    Args:
        value: what has the attribute.
        name: the attribute.
        machine: what is known.
    """
    node, here = value.node, _held_by_own_itself(value, name, machine)
    if name in _OF_DEFINITIONS:
        return [Part(of=value, name=name)]
    found = [_as_class_gives_it(item, value) for item in here if not isinstance(item, Absent)]
    if Absent() not in here:
        return found
    if name == "__module__":
        return [*found, Constant(value=value.module)]
    if name == "__name__" and not isinstance(node, ast.Lambda):
        return [*found, Constant(value=node.name)]
    unknown = Part(of=value, name=name)
    if not isinstance(node, ast.ClassDef):
        return [*found, unknown if name.startswith("__") else Absent()]
    found += _inherited(value, node, name, machine)
    return found


def _inherited(cls: Own, node: ast.ClassDef, name: str, machine: Machine) -> list[Value]:
    found: list[Value] = []
    is_open = bool(node.keywords or node.decorator_list)
    for base in machine.bases.get(id(node), ()):
        if isinstance(base, Upstream):
            here = held_by_upstream(base.target, name, machine)
        elif isinstance(base, Own):
            here = held_by_own(base, name, machine)
        else:
            is_open = True
            continue
        found += _without_absent(here)
        if Absent() not in here:
            return found
    unknown = Part(of=cls, name=name)
    if name in OF_EVERY_CLASS:
        return [*found, unknown]
    return [*found, unknown, Absent()] if is_open else [*found, Absent()]


def _as_class_gives_it(member: Value, cls: Own) -> Value:
    if isinstance(member, Own) and isinstance(member.node, Function):
        decorators = {item.id for item in member.node.decorator_list if isinstance(item, ast.Name)}
        if "classmethod" in decorators:
            return bound(member, cls)
    return member


def bound(function: Own, to: Value) -> Applied:
    """Give a method that is bound to an object."""
    node = ast.Name("MethodType", ast.Load())
    method = External(dotted="types.MethodType")
    return Applied(function=method, node=node, positional=(function, to))
