"""What `value[key]` gives, and the modules that a text names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transforms.importers.monkeypatch.attributes import attribute, of_vllm
from transforms.importers.monkeypatch.names import dotted_of, either
from transforms.importers.monkeypatch.values import (
    Applied,
    Collected,
    Constant,
    Either,
    External,
    OwnName,
    Part,
    Upstream,
)

if TYPE_CHECKING:
    from transforms.importers.monkeypatch.machine import Machine
    from transforms.importers.monkeypatch.values import Value


def item_of(  # noqa: PLR0911 - one for each kind
    value: Value, key: Value, machine: Machine
) -> Value:
    """Give `value[key]`.

    Args:
        value: what is asked.
        key: the key.
        machine: what is known.
    """
    if isinstance(value, Either):
        return either([item_of(item, key, machine) for item in value.values])
    if not isinstance(key, Constant):
        return Part(of=value, name="[...]")
    if isinstance(value, Collected) and isinstance(key.value, int):
        inside = -len(value.items) <= key.value < len(value.items)
        return value.items[key.value] if inside else Part(of=value, name="[...]")
    if isinstance(value, Applied) and dotted_of(value.function) == "builtins.dict":
        return value.keywords.get(str(key.value), Part(of=value, name=f"[{key.value!r}]"))
    dotted = dotted_of(value)
    if dotted == "sys.modules":
        return module_of(key.value, machine)
    if dotted in {"builtins.__builtins__", "builtins.__builtins__.__dict__"}:
        return External(dotted=f"builtins.{key.value}")
    if dotted.endswith(".__dict__"):
        return attribute(without_dict(value), str(key.value), machine)
    return Part(of=value, name=f"[{key.value!r}]")


def without_dict(value: Value) -> Value:
    """Give what a `__dict__` belongs to."""
    if isinstance(value, External):
        return External(dotted=value.dotted.removesuffix(".__dict__"))
    if isinstance(value, Upstream):
        return Upstream(target=value.target.holder)
    return OwnName(target=value.target.holder) if isinstance(value, OwnName) else value


def module_of(name: object, machine: Machine) -> Value:
    """Give a module by the text that names it."""
    dotted = str(name)
    top = dotted.partition(".")[0]
    if top == machine.library.package:
        return of_vllm(dotted, machine)
    if top == machine.plugin.package:
        return OwnName(target=machine.own.module(dotted).target)
    return External(dotted=dotted)
