"""What an attribute of a value is, and whether it is there."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.engine.syntax.definition import Function
from transforms.importers.monkeypatch.classes import Member, Where, member_of
from transforms.importers.monkeypatch.known_bases import OF_EVERY_CLASS
from transforms.importers.monkeypatch.names import either
from transforms.importers.monkeypatch.resolution import Kind, Thing
from transforms.importers.monkeypatch.values import (
    Applied,
    Constant,
    Either,
    External,
    Own,
    OwnName,
    Part,
    Target,
    Unknown,
    Upstream,
)

if TYPE_CHECKING:
    from transforms.importers.monkeypatch.machine import Machine
    from transforms.importers.monkeypatch.resolution import Library
    from transforms.importers.monkeypatch.values import Value

# Every class and function has them, and to read them is to read nothing of vLLM's code.
_OF_DEFINITIONS = frozenset(
    {"__dict__", "__annotations__", "__mro__", "__bases__", "__class__", "__wrapped__"}
    | {"__code__", "__defaults__", "__kwdefaults__", "__signature__", "__get__", "__subclasses__"}
)


def thing_at(target: Target, library: Library) -> Thing:
    """Find what is at a target, as a module binds it or a class has it.

    Args:
        target: where it is; a name that a module has imported is followed to its definition.
        library: the package that it is of.
    """
    if not target.path:
        return library.module(target.module)
    thing = library.find(target.module, target.path[0])
    for name in target.path[1:]:
        if thing.kind is Kind.CLASS:
            thing = member_of(thing, name, library).thing
        elif thing.kind is Kind.MODULE:
            thing = library.find(thing.target.module, name)
        else:
            return Thing(kind=Kind.DYNAMIC, target=target)
    return thing


def member_at(holder: Target, name: str, library: Library) -> Member | None:
    """Find a member of a class of vLLM; None where the holder is no class."""
    thing = thing_at(holder, library)
    return member_of(thing, name, library) if thing.kind is Kind.CLASS else None


def as_value(thing: Thing) -> Value:
    """Give a thing of vLLM as a value."""
    if thing.kind is Kind.EXTERNAL:
        return External(dotted=thing.target.module)
    return Upstream(target=thing.target)


def attribute(  # noqa: PLR0911 - one for each kind
    value: Value, name: str, machine: Machine
) -> Value:
    """Give what `value.name` is; a missing one of vLLM's is noted as what raises.

    Args:
        value: what is asked.
        name: the attribute.
        machine: what is known.
    """
    if isinstance(value, Either):
        return either([attribute(item, name, machine) for item in value.values])
    if isinstance(value, Upstream):
        return _of_upstream(value.target, name, machine)
    if isinstance(value, External):
        return External(dotted=f"{value.dotted}.{name}")
    if isinstance(value, OwnName):
        return of_own_name(value.target, name, machine)
    if isinstance(value, Own):
        return _of_own(value, name, machine)
    for of, part, held in reversed(machine.frame.parts if machine.stack else []):
        if part == name and of == value:
            return held
    if isinstance(value, Applied) and isinstance(value.function, Own):
        found = _of_own(value.function, name, machine)
        if isinstance(found, Own) and not isinstance(found.node, ast.ClassDef):
            return bound(found, value)
        return Part(of=value, name=name)
    return Part(of=value, name=name)


def bound(function: Own, to: Value) -> Applied:
    """Give a method that is bound to an object."""
    node = ast.Name("MethodType", ast.Load())
    method = External(dotted="types.MethodType")
    return Applied(function=method, node=node, positional=(function, to))


def _of_upstream(target: Target, name: str, machine: Machine) -> Value:
    here = target.member(name)
    thing = thing_at(target, machine.library)
    for spelled in (here, thing.target.member(name)):
        if spelled in machine.patched:
            return machine.patched[spelled]
    if thing.kind is Kind.MODULE:
        return _of_module(thing.target.module, name, machine)
    if thing.kind in {Kind.CLASS, Kind.FUNCTION}:
        known = {"__module__": thing.target.module, "__name__": thing.target.path[-1]}
        known["__qualname__"] = ".".join(thing.target.path)
        if name in known:
            return Constant(value=known[name])
    if thing.kind is not Kind.CLASS or name in _OF_DEFINITIONS:
        return Upstream(target=here)
    return _of_class(thing, name, machine)


def _of_module(module: str, name: str, machine: Machine) -> Value:
    if name == "__version__" and module == machine.library.package:
        return Constant(value=machine.release)
    if name == "__name__":
        return Constant(value=module)
    found = machine.library.find(module, name)
    if found.kind is Kind.ABSENT:
        return _missing(f"{module} has no {name!r}", machine)
    return as_value(found)


def _of_class(thing: Thing, name: str, machine: Machine) -> Value:
    member = member_of(thing, name, machine.library)
    if member.where is Where.ABSENT:
        return _missing(f"{thing.target.dotted} has no {name!r}", machine)
    if member.where in {Where.OWN, Where.INHERITED} and member.thing.node is not None:
        found_at = member.thing.target
        return machine.patched.get(found_at) or Upstream(target=found_at)
    return Upstream(target=thing.target.member(name))


def _missing(reason: str, machine: Machine) -> Unknown:
    machine.fail(reason)
    return Unknown(why=reason)


def of_own_name(target: Target, name: str, machine: Machine) -> Value:
    """Give an attribute of something of the plugin: of a module that is read, what it has bound."""
    if target.path:
        return OwnName(target=target.member(name))
    frame = machine.modules.get(target.module)
    if frame is not None:
        if name in frame.names:
            return frame.names[name]
        return OwnName(target=Target(module=f"{target.module}.{name}"))
    thing = machine.own.find(target.module, name)
    if thing.kind is Kind.EXTERNAL:
        dotted = thing.target.module
        if dotted.partition(".")[0] == machine.library.package:
            return of_vllm(dotted, machine)
        return External(dotted=dotted)
    return OwnName(target=thing.target)


def of_vllm(dotted: str, machine: Machine) -> Value:
    """Give what a dotted name of vLLM leads to, module by module and name by name."""
    parts = dotted.split(".")
    value: Value = Upstream(target=Target(module=parts[0]))
    for part in parts[1:]:
        value = attribute(value, part, machine)
    return value


def _of_own(value: Own, name: str, machine: Machine) -> Value:
    node = value.node
    noted = machine.notes.get((id(node), name))
    if noted is not None:
        return noted
    if isinstance(node, ast.ClassDef):
        members = machine.classes.get(id(node), {})
        if name in members:
            return _as_class_gives_it(members[name], value)
        for base in machine.bases.get(id(node), ()):
            if isinstance(base, (Upstream, Own)) and presence(base, name, machine) is not False:
                return attribute(base, name, machine)
    if name == "__module__":
        return Constant(value=value.module)
    if name == "__name__" and not isinstance(node, ast.Lambda):
        return Constant(value=node.name)
    return Part(of=value, name=name)


def _as_class_gives_it(member: Value, cls: Own) -> Value:
    if isinstance(member, Own) and isinstance(member.node, Function):
        decorators = {item.id for item in member.node.decorator_list if isinstance(item, ast.Name)}
        if "classmethod" in decorators:
            return bound(member, cls)
    return member


def presence(value: Value, name: str, machine: Machine) -> bool | None:
    """Tell whether a value has an attribute; None where only a running program knows.

    Args:
        value: what is asked.
        name: the attribute.
        machine: what is known.
    """
    if isinstance(value, Either):
        answers = {presence(item, name, machine) for item in value.values}
        return answers.pop() if len(answers) == 1 else None
    if isinstance(value, Constant):
        return hasattr(value.value, name)
    if isinstance(value, Own):
        if (id(value.node), name) in machine.notes:
            return True
        if isinstance(value.node, ast.ClassDef):
            return _is_in_own_class(value.node, name, machine)
        return name.startswith("__")
    return _is_in_vllm(value.target, name, machine) if isinstance(value, Upstream) else None


def _is_in_own_class(node: ast.ClassDef, name: str, machine: Machine) -> bool | None:
    if name in machine.classes.get(id(node), {}) or name in OF_EVERY_CLASS:
        return True
    if node.keywords or node.decorator_list:
        return None
    answers = [presence(base, name, machine) for base in machine.bases.get(id(node), ())]
    if True in answers:
        return True
    return None if None in answers else False


def _is_in_vllm(target: Target, name: str, machine: Machine) -> bool | None:
    thing = thing_at(target, machine.library)
    if {target.member(name), thing.target.member(name)} & machine.patched.keys():
        return True
    if thing.kind is Kind.MODULE:
        kind = machine.library.find(thing.target.module, name).kind
        return None if kind is Kind.DYNAMIC else kind is not Kind.ABSENT
    if thing.kind is Kind.CLASS:
        where = member_of(thing, name, machine.library).where
        return None if where is Where.UNKNOWN else where is not Where.ABSENT
    if thing.kind is Kind.FUNCTION and not name.startswith("__"):
        # A function has an attribute where its module says so.
        return None if machine.library.mentions(thing.target.module, name) else False
    return None
