"""What an attribute of a value is, and whether it is there."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.importers.monkeypatch.held import bound, held_by_own, held_by_upstream, is_there
from transforms.importers.monkeypatch.mutation import Asked
from transforms.importers.monkeypatch.names import either
from transforms.importers.monkeypatch.resolution import Kind
from transforms.importers.monkeypatch.values import (
    Absent,
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
    from transforms.importers.monkeypatch.values import Value


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
    if isinstance(value, External):
        return External(dotted=f"{value.dotted}.{name}")
    if isinstance(value, OwnName):
        return of_own_name(value.target, name, machine)
    if isinstance(value, Upstream):
        return _of_upstream(value.target, name, machine)
    if isinstance(value, Own):
        return _known(held_by_own(value, name, machine)) or Part(of=value, name=name)
    for of, part, held in reversed(machine.frame.parts if machine.stack else []):
        if part == name and of == value:
            return held
    if isinstance(value, Applied) and isinstance(value.function, Own):
        found = _known(held_by_own(value.function, name, machine))
        if isinstance(found, Own) and not isinstance(found.node, ast.ClassDef):
            return bound(found, value)
    return Part(of=value, name=name)


def note_doubt(value: Value, name: str, node: ast.expr, machine: Machine) -> None:
    """Note the condition that an attribute is there which one of two branches has put there.

    What nobody knows of vLLM is taken to be there, as the plugin does.

    Args:
        value: what is asked.
        name: the attribute.
        node: the expression of the value.
        machine: what is known; a `try` around asks it for its doubts.
    """
    changed = {target.path[-1] for target in machine.patched} | {key[1] for key in machine.notes}
    if name not in changed or not isinstance(value, (Upstream, Own)):
        return
    if presence(value, name, machine) is not None:
        return
    asked: list[ast.expr] = [node, ast.Constant(name)]
    condition = ast.Call(ast.Name("hasattr", ast.Load()), asked, [])
    ast.fix_missing_locations(ast.copy_location(condition, node))
    machine.doubt(machine.guard(condition, Asked.PRESENCE))


def _known(held: list[Value]) -> Value | None:
    """Give what an attribute holds where it is there; None where it is not."""
    found = [item for item in held if not isinstance(item, Absent)]
    return either(found) if found else None


def _of_upstream(target: Target, name: str, machine: Machine) -> Value:
    if not target.path:
        if name == "__version__" and target.module == machine.library.package:
            return Constant(value=machine.release)
        if name == "__name__":
            return Constant(value=target.module)
    found = _known(held_by_upstream(target, name, machine))
    if found is not None:
        return found
    reason = f"{target.dotted} has no {name!r}"
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
    if isinstance(value, Upstream):
        return is_there(held_by_upstream(value.target, name, machine))
    return is_there(held_by_own(value, name, machine)) if isinstance(value, Own) else None
