"""Calls of Python's own functions that read, bind or test an attribute or a module."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from transforms.importers.monkeypatch.attributes import attribute, presence
from transforms.importers.monkeypatch.items import module_of
from transforms.importers.monkeypatch.names import dotted_of, either
from transforms.importers.monkeypatch.recording import record, unread
from transforms.importers.monkeypatch.rows import Change
from transforms.importers.monkeypatch.values import (
    Applied,
    Collected,
    Constant,
    Either,
    External,
    Own,
    Unknown,
    Upstream,
)

if TYPE_CHECKING:
    from transforms.importers.monkeypatch.machine import Machine
    from transforms.importers.monkeypatch.values import Value

Call = Callable[[list["Value"], Mapping[str, "Value"], ast.Call, "Machine"], "Value | None"]


def _text(values: list[Value], number: int) -> str | None:
    if len(values) <= number:
        return None
    value = values[number]
    known = isinstance(value, Constant) and isinstance(value.value, str)
    return value.value if known else None  # type: ignore[union-attr,return-value]


def _getattr(
    values: list[Value], _: Mapping[str, Value], __: ast.Call, machine: Machine
) -> Value | None:
    name = _text(values, 1)
    if name is None:
        return None
    if len(values) == 2:  # noqa: PLR2004
        return attribute(values[0], name, machine)
    there = presence(values[0], name, machine)
    if there is False:
        return values[2]
    found = attribute(values[0], name, machine)
    return found if there else either([found, values[2]])


def _setattr(
    values: list[Value], _: Mapping[str, Value], node: ast.Call, machine: Machine
) -> Value | None:
    if len(values) != 3:  # noqa: PLR2004
        return None
    _bind(values, values[2], node, machine, deletes=False)
    return Constant(value=None)


def _delattr(
    values: list[Value], _: Mapping[str, Value], node: ast.Call, machine: Machine
) -> Value | None:
    if len(values) != 2:  # noqa: PLR2004
        return None
    _bind(values, Constant(value=None), node, machine, deletes=True)
    return Constant(value=None)


def _bind(
    values: list[Value], value: Value, node: ast.Call, machine: Machine, *, deletes: bool
) -> None:
    holder = values[0]
    # A method is called on the object, which is then no argument.
    written = node.args[-len(values)] if len(node.args) >= len(values) else node.func
    names = values[1].values if isinstance(values[1], Either) else (values[1],)
    for item in names:
        name = _text([item], 0)
        shown = name if name is not None else f"<{ast.unparse(node.args[1 - len(values)])}>"
        change = Change(
            holder=holder, name=shown, value=value, node=node, written=written, deletes=deletes
        )
        if name is not None:
            record(change, machine)
        elif isinstance(holder, (Upstream, Either, Unknown)):
            unread(change, machine, "the name of the attribute is computed")


def _hasattr(
    values: list[Value], _: Mapping[str, Value], __: ast.Call, machine: Machine
) -> Value | None:
    name = _text(values, 1)
    there = presence(values[0], name, machine) if name is not None else None
    return None if there is None else Constant(value=there)


def _isinstance(
    values: list[Value], _: Mapping[str, Value], __: ast.Call, ___: Machine
) -> Value | None:
    if len(values) != 2:  # noqa: PLR2004
        return None
    classes = values[1].items if isinstance(values[1], Collected) else (values[1],)
    own = all(isinstance(item, Own) for item in classes)
    if isinstance(values[0], Constant) and own:
        return Constant(value=False)
    if isinstance(values[0], Applied) and isinstance(values[0].function, Own):
        return Constant(value=True) if values[0].function in classes else None
    return None


def _import_module(
    values: list[Value], _: Mapping[str, Value], __: ast.Call, machine: Machine
) -> Value | None:
    name = _text(values, 0)
    return None if name is None else module_of(name, machine)


def _import(
    values: list[Value], keywords: Mapping[str, Value], _: ast.Call, machine: Machine
) -> Value | None:
    name = _text(values, 0)
    if name is None:
        return None
    listed = len(values) > 3 or "fromlist" in keywords  # noqa: PLR2004
    return module_of(name if listed else name.partition(".")[0], machine)


def _loaded(
    values: list[Value], _: Mapping[str, Value], __: ast.Call, machine: Machine
) -> Value | None:
    if not values:
        return None
    default = values[1] if len(values) > 1 else Constant(value=None)
    names = values[0].values if isinstance(values[0], Either) else (values[0],)
    texts = [_text([item], 0) for item in names]
    if None in texts:
        return None
    return either([*(module_of(text, machine) for text in texts), default])


def _second(
    values: list[Value], _: Mapping[str, Value], __: ast.Call, ___: Machine
) -> Value | None:
    return values[1] if len(values) > 1 else None


def _first(values: list[Value], _: Mapping[str, Value], __: ast.Call, ___: Machine) -> Value | None:
    return values[0] if values else None


def _version(
    values: list[Value], _: Mapping[str, Value], __: ast.Call, ___: Machine
) -> Value | None:
    text = _text(values, 0)
    try:
        return None if text is None else Constant(value=Version(text))
    except InvalidVersion:
        return None


def _installed(
    values: list[Value], _: Mapping[str, Value], __: ast.Call, machine: Machine
) -> Value | None:
    is_vllm = _text(values, 0) == machine.library.package
    return Constant(value=machine.release) if is_vllm else None


def _vars(
    values: list[Value], _: Mapping[str, Value], __: ast.Call, machine: Machine
) -> Value | None:
    return attribute(values[0], "__dict__", machine) if len(values) == 1 else None


def _collected(
    values: list[Value], _: Mapping[str, Value], node: ast.Call, __: Machine
) -> Value | None:
    if len(values) == 1 and isinstance(values[0], Collected):
        return Collected(items=values[0].items, node=node)
    return None


def _runs_code(
    values: list[Value], _: Mapping[str, Value], node: ast.Call, machine: Machine
) -> Value | None:
    name = dotted_of(machine.evaluate(node.func)).rpartition(".")[2]
    change = Change(
        holder=External(dotted=f"builtins.{name}"),
        name=f"[{name}]",
        value=values[0] if values else Constant(value=None),
        node=node,
        written=node.func,
    )
    unread(change, machine, f"it runs code that `{name}` is given")
    return None


SETTING: Mapping[str, Call] = {"__delattr__": _delattr, "__setattr__": _setattr}
"""By the name of the method: what it does as a function of the object."""

BUILT_IN_CALLS: Mapping[str, Call] = {
    "builtins.__import__": _import,
    "builtins.delattr": _delattr,
    "builtins.eval": _runs_code,
    "builtins.exec": _runs_code,
    "builtins.getattr": _getattr,
    "builtins.hasattr": _hasattr,
    "builtins.isinstance": _isinstance,
    "builtins.list": _collected,
    "builtins.object.__setattr__": _setattr,
    "builtins.setattr": _setattr,
    "builtins.tuple": _collected,
    "builtins.type.__setattr__": _setattr,
    "builtins.vars": _vars,
    "functools.update_wrapper": _first,
    "importlib.import_module": _import_module,
    "importlib.metadata.version": _installed,
    "packaging.version.Version": _version,
    "packaging.version.parse": _version,
    "sys.modules.get": _loaded,
    "typing.cast": _second,
}
"""By the dotted name of the function: what its call gives, or None where that is not known."""
