"""What a call of a patch module gives, and what it does to vLLM."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from transforms.importers.monkeypatch.builtin_calls import BUILT_IN_CALLS, SETTING
from transforms.importers.monkeypatch.folding import defined
from transforms.importers.monkeypatch.functions import executed, simple_result
from transforms.importers.monkeypatch.held import held_in_dictionary
from transforms.importers.monkeypatch.hooks import run_hooks
from transforms.importers.monkeypatch.importing import helper
from transforms.importers.monkeypatch.indirect_calls import CONTAINER_METHODS, INDIRECT_CALLS
from transforms.importers.monkeypatch.names import dotted_of, either
from transforms.importers.monkeypatch.recording import (
    hook_installed,
    record,
    registry_entry,
    schema_rebuilt,
    unread,
)
from transforms.importers.monkeypatch.resolution import Kind
from transforms.importers.monkeypatch.rows import Change
from transforms.importers.monkeypatch.things import thing_at
from transforms.importers.monkeypatch.values import (
    Absent,
    Applied,
    Collected,
    Constant,
    Either,
    External,
    Own,
    OwnName,
    Part,
    Unknown,
    Upstream,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from transforms.importers.monkeypatch.machine import Machine
    from transforms.importers.monkeypatch.mutation import Place
    from transforms.importers.monkeypatch.values import Target, Value

# How many arguments they have that name the object as well.
_WHOLE = {"__delattr__": 2, "__setattr__": 3}
_HOOKS = frozenset(
    {"sys.meta_path.insert", "sys.meta_path.append", "sys.path_hooks.insert"}
    | {"sys.path_hooks.append"}
)


def called(node: ast.Call, machine: Machine, *, for_effect: bool = False) -> Value:
    """Give what a call gives.

    Args:
        node: the call.
        machine: what is known.
        for_effect: the call is a statement, so that it is made for what it does.
    """
    function = machine.evaluate(node.func)
    given = defined(function, machine)
    if given is not None:
        return given
    positional: list[Value] = []
    for item in node.args:
        value = machine.evaluate(item)
        if isinstance(item, ast.Starred) and isinstance(value, Collected):
            positional += value.items
        else:
            positional.append(value)
    keywords = {item.arg: machine.evaluate(item.value) for item in node.keywords if item.arg}
    if isinstance(function, OwnName) and _may_patch(
        function, [*positional, *keywords.values()], machine, for_effect=for_effect
    ):
        function = helper(function.target, machine) or function
    result = applied(function, positional, keywords, node, machine)
    if isinstance(result, Applied) and _may_raise(result.function):
        machine.uncertain = machine.uncertain or " ".join(ast.unparse(node).split())
    run_hooks(node, [*positional, *keywords.values()], machine)
    return result


def _may_raise(function: Value) -> bool:
    """Tell whether nobody knows if a call raises: of what neither the plugin nor Python has."""
    if isinstance(function, External):
        return function.dotted.partition(".")[0] not in {"builtins", "functools", "types", "typing"}
    return not isinstance(function, (Own, Upstream, Applied))


def applied(  # noqa: PLR0911 - one for each kind
    function: Value,
    positional: list[Value],
    keywords: Mapping[str, Value],
    node: ast.Call,
    machine: Machine,
) -> Value:
    """Give what a function gives for some arguments.

    Args:
        function: the function.
        positional: its positional arguments.
        keywords: its keyword arguments.
        node: the call.
        machine: what is known.
    """
    result = Applied(
        function=function, node=node, positional=tuple(positional), keywords=dict(keywords)
    )
    if isinstance(function, Either):
        several = [applied(item, positional, keywords, node, machine) for item in function.values]
        return either(several)
    if isinstance(function, Own):
        if isinstance(function.node, ast.ClassDef):
            _initialise(function, result, node, machine)
            return result
        return executed(function, positional, keywords, node, machine, place=_place(node, machine))
    if isinstance(function, Applied):
        return _of_applied(function, positional, keywords, node, machine) or result
    if isinstance(function, External):
        how = BUILT_IN_CALLS.get(function.dotted) or INDIRECT_CALLS.get(function.dotted)
        if function.dotted in _HOOKS:
            hook_installed(_change(function, positional, node), machine)
        return result if how is None else how(positional, keywords, node, machine) or result
    if isinstance(function, Part) and function.name in SETTING:
        return SETTING[function.name](positional, keywords, node, machine) or result
    if isinstance(function, OwnName):
        return _of_own_name(function, positional, machine) or result
    if isinstance(function, Upstream):
        return _of_upstream(function, positional, keywords, node, machine) or result
    return result


def _may_patch(
    function: OwnName, values: list[Value], machine: Machine, *, for_effect: bool
) -> bool:
    """Tell whether a function outside of the roots may patch vLLM: it is given something of it.

    One that is given nothing may do so where its module knows vLLM, and it is called for no result.
    """
    if machine.later:
        return False
    if any(isinstance(item, Upstream) for item in values):
        return True
    return for_effect and machine.own.mentions(function.target.module, machine.library.package)


def _place(node: ast.Call, machine: Machine) -> Place:
    frame = machine.frame
    root: ast.expr = node.args[0] if node.args else node.func
    while isinstance(root, ast.Attribute):
        root = root.value
    if frame.call and isinstance(root, ast.Name) and root.id in frame.given:
        return frame.call
    return machine.place(node)


def _initialise(cls: Own, made: Applied, node: ast.Call, machine: Machine) -> None:
    """Execute `__init__` of a class of the plugin."""
    start = machine.classes.get(id(cls.node), {}).get("__init__")
    if isinstance(start, Own) and not isinstance(start.node, ast.ClassDef):
        place = machine.place(node)
        executed(start, [made, *made.positional], made.keywords, node, machine, place=place)


def _of_applied(
    function: Applied,
    positional: list[Value],
    keywords: Mapping[str, Value],
    node: ast.Call,
    machine: Machine,
) -> Value | None:
    made_by = dotted_of(function.function)
    if made_by == "functools.wraps" and positional:
        return positional[0]
    if made_by == "types.MethodType" and function.positional:
        inner, *rest = function.positional
        return applied(inner, [*rest, *positional], keywords, node, machine)
    if made_by == "functools.partial" and function.positional:
        inner, *rest = function.positional
        both = {**function.keywords, **keywords}
        return applied(inner, [*rest, *positional], both, node, machine)
    return None


def _of_own_name(function: OwnName, positional: list[Value], machine: Machine) -> Value | None:
    if function.target.path[-1:] == ("vllm_version_is",) and positional:
        wanted = positional[0]
        if isinstance(wanted, Constant):
            try:
                return Constant(value=Version(machine.release) == Version(str(wanted.value)))
            except InvalidVersion:
                return Unknown(why=f"{wanted.value!r} is no version")
    return simple_result(function, machine)


def _of_upstream(
    function: Upstream,
    positional: list[Value],
    keywords: Mapping[str, Value],
    node: ast.Call,
    machine: Machine,
) -> Value | None:
    target = function.target
    if not target.path:
        return None
    name, holder = target.path[-1], target.holder
    if holder.path and holder.path[-1] == "__dict__" and name == "get" and positional:
        return _own_member(holder.holder, positional, machine)
    thing = thing_at(holder, machine.library)
    if name in SETTING:
        of = [] if len(positional) == _WHOLE[name] else [Upstream(target=holder)]
        return SETTING[name]([*of, *positional], {}, node, machine)
    if machine.later:
        # To call vLLM's functions is what code that runs later is for.
        return None
    if name == "model_rebuild" and thing.kind is Kind.CLASS:
        schema_rebuilt(_change(function, positional, node), Upstream(target=thing.target), machine)
    elif name in CONTAINER_METHODS and holder.path and holder.path[-1] == "__dict__":
        _change_dictionary(function, positional, keywords, node, machine)
    elif name in CONTAINER_METHODS and thing.kind in {Kind.VARIABLE, Kind.DYNAMIC}:
        registry_entry(_change(function, positional, node), Upstream(target=holder), machine)
    elif name == "register" or name.startswith(("register_", "_register")):
        registry = target if thing.kind is Kind.MODULE else holder
        registry_entry(_change(function, positional, node), Upstream(target=registry), machine)
    return None


def _change_dictionary(
    function: Upstream,
    positional: list[Value],
    keywords: Mapping[str, Value],
    node: ast.Call,
    machine: Machine,
) -> None:
    """Note what a method of the `__dict__` of a class or module puts there."""
    change = _change(function, positional, node)
    given = dict(keywords)
    rest = positional
    if function.target.path[-1] == "update" and positional:
        first, *rest = positional
        if isinstance(first, Applied) and dotted_of(first.function) == "builtins.dict":
            given.update(first.keywords)
            rest = [*rest, *first.positional]
        else:
            rest = positional
    of = Upstream(target=function.target.holder.holder)
    for name, value in given.items():
        record(replace(change, holder=of, name=name, value=value), machine)
    if rest or not given:
        unread(change, machine, "it changes the `__dict__` itself")


def _own_member(holder: Target, positional: list[Value], machine: Machine) -> Value | None:
    name = positional[0]
    default = positional[1] if len(positional) > 1 else Constant(value=None)
    if not isinstance(name, Constant):
        return None
    held = held_in_dictionary(Upstream(target=holder), str(name.value), machine)
    return (
        either([default if isinstance(item, Absent) else item for item in held]) if held else None
    )


def _change(function: Upstream | External, positional: list[Value], node: ast.Call) -> Change:
    written = node.func.value if isinstance(node.func, ast.Attribute) else node.func
    arguments = ", ".join(ast.unparse(item) for item in node.args)
    last = dotted_of(function).rpartition(".")[2]
    value = positional[-1] if positional else Constant(value=None)
    return Change(
        holder=function,
        name=f"[{last}({arguments})]",
        value=value,
        node=node,
        written=written,
    )
