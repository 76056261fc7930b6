"""Calls that change vLLM in a way that no source says: each is a row that cannot be compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transforms.importers.monkeypatch.items import module_of
from transforms.importers.monkeypatch.mutation import Form
from transforms.importers.monkeypatch.names import dotted_of
from transforms.importers.monkeypatch.recording import registry_entry
from transforms.importers.monkeypatch.rows import Change, emit
from transforms.importers.monkeypatch.values import Constant, Upstream

if TYPE_CHECKING:
    import ast
    from collections.abc import Mapping

    from transforms.importers.monkeypatch.builtin_calls import Call
    from transforms.importers.monkeypatch.machine import Machine
    from transforms.importers.monkeypatch.values import Target, Value

CONTAINER_METHODS = frozenset(
    {"__delitem__", "__iadd__", "__ior__", "__setitem__", "add", "append", "appendleft", "clear"}
    | {"difference_update", "discard", "extend", "extendleft", "insert", "intersection_update"}
    | {"move_to_end", "pop", "popitem", "popleft", "remove", "reverse", "setdefault", "sort"}
    | {"symmetric_difference_update", "update"}
)
"""What changes a list, set, dictionary or queue where it is."""

_NOTHING = Constant(value=None)


def _row(target: Target, value: Value, node: ast.Call, machine: Machine, *, why_not: str) -> None:
    change = Change(
        holder=Upstream(target=target), name="[...]", value=value, node=node, written=node.func
    )
    emit(change, Form.OTHER, target, machine, why_not=why_not)


def _mocked(
    positional: list[Value], _: Mapping[str, Value], node: ast.Call, machine: Machine
) -> Value | None:
    """Note what `unittest.mock` puts there for a while."""
    if not positional or machine.later:
        return None
    first, *rest = positional
    if isinstance(first, Constant) and isinstance(first.value, str):
        first = module_of(first.value, machine)
    if isinstance(first, Upstream):
        name = rest[0].value if rest and isinstance(rest[0], Constant) else None
        inside = isinstance(name, str) and dotted_of(machine.evaluate(node.func)).endswith("object")
        target = first.target.member(str(name)) if inside else first.target
        why_not = "`unittest.mock` puts it there for a while, and takes it away"
        _row(target, rest[-1] if rest else _NOTHING, node, machine, why_not=why_not)
    return None


def _reloaded(
    positional: list[Value], _: Mapping[str, Value], node: ast.Call, machine: Machine
) -> Value | None:
    """Note a module of vLLM that is executed once more."""
    if positional and isinstance(positional[0], Upstream) and not machine.later:
        why_not = "the module is executed once more, with what it imports as it is then"
        _row(positional[0].target, _NOTHING, node, machine, why_not=why_not)
    return positional[0] if positional else None


def _module_replaced(
    positional: list[Value], _: Mapping[str, Value], node: ast.Call, machine: Machine
) -> Value | None:
    """Note a method of `sys.modules` that puts a module there, or takes one away."""
    named = [item.value for item in positional[:1] if isinstance(item, Constant)]
    top = str(named[0]).partition(".")[0] if named else ""
    if machine.later or (named and top != machine.library.package):
        return None
    module = module_of(named[0] if named else machine.library.package, machine)
    if isinstance(module, Upstream):
        which = "a whole module's place" if named else "the place of modules that are computed"
        _row(module.target, _NOTHING, node, machine, why_not=f"it takes {which}")
    return None


def _changed_container(
    positional: list[Value], _: Mapping[str, Value], node: ast.Call, machine: Machine
) -> Value | None:
    """Note a container of vLLM that a function of Python is given to change."""
    if positional and isinstance(positional[0], Upstream):
        of, value = positional[0], positional[-1]
        change = Change(holder=of, name="[...]", value=value, node=node, written=node.args[0])
        registry_entry(change, positional[0], machine)
    return None


_CHANGING = ("operator.setitem", "operator.delitem", "operator.iadd", "operator.ior")

INDIRECT_CALLS: Mapping[str, Call] = {
    "importlib.reload": _reloaded,
    "unittest.mock.patch": _mocked,
    "unittest.mock.patch.dict": _mocked,
    "unittest.mock.patch.multiple": _mocked,
    "unittest.mock.patch.object": _mocked,
    **{f"sys.modules.{name}": _module_replaced for name in CONTAINER_METHODS},
    **dict.fromkeys(_CHANGING, _changed_container),
    **{
        f"builtins.{kind}.{name}": _changed_container
        for kind in ("dict", "list", "set")
        for name in CONTAINER_METHODS
    },
}
"""By the dotted name of the function: what its call changes, and gives where that is known."""
