"""What a call of a patch module gives, and what it does to vLLM."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from transforms.importers.monkeypatch.attributes import attribute, thing_at
from transforms.importers.monkeypatch.builtin_calls import BUILT_IN_CALLS
from transforms.importers.monkeypatch.classes import Where, member_of
from transforms.importers.monkeypatch.folding import defined, dotted_of
from transforms.importers.monkeypatch.functions import executed, simple_result
from transforms.importers.monkeypatch.names import either
from transforms.importers.monkeypatch.recording import (
    hook_installed,
    registry_entry,
    schema_rebuilt,
)
from transforms.importers.monkeypatch.resolution import Kind
from transforms.importers.monkeypatch.rows import Change
from transforms.importers.monkeypatch.values import (
    Applied,
    Collected,
    Constant,
    Either,
    External,
    Own,
    OwnName,
    Unknown,
    Upstream,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from transforms.importers.monkeypatch.machine import Machine
    from transforms.importers.monkeypatch.mutation import Place
    from transforms.importers.monkeypatch.values import Target, Value

_CONTAINERS = frozenset(
    {"add", "append", "clear", "discard", "extend", "insert", "pop", "popitem", "remove"}
    | {"setdefault", "update"}
)
_HOOKS = frozenset(
    {"sys.meta_path.insert", "sys.meta_path.append", "sys.path_hooks.insert"}
    | {"sys.path_hooks.append"}
)


def called(node: ast.Call, machine: Machine) -> Value:
    """Give what a call gives.

    Args:
        node: the call.
        machine: what is known.
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
    result = applied(function, positional, keywords, node, machine)
    _run_hooks(node, [*positional, *keywords.values()], machine)
    return result


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
        how = BUILT_IN_CALLS.get(function.dotted)
        if function.dotted in _HOOKS:
            hook_installed(_change(function, positional, node), machine)
        return result if how is None else how(positional, keywords, node, machine) or result
    if isinstance(function, OwnName):
        return _of_own_name(function, positional, machine) or result
    if isinstance(function, Upstream):
        return _of_upstream(function, positional, node, machine) or result
    return result


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
    function: Upstream, positional: list[Value], node: ast.Call, machine: Machine
) -> Value | None:
    target = function.target
    if not target.path:
        return None
    name, holder = target.path[-1], target.holder
    if holder.path and holder.path[-1] == "__dict__" and name == "get" and positional:
        return _own_member(holder.holder, positional, machine)
    thing = thing_at(holder, machine.library)
    if machine.later:
        # To call vLLM's functions is what code that runs later is for.
        return None
    if name == "model_rebuild" and thing.kind is Kind.CLASS:
        schema_rebuilt(_change(function, positional, node), Upstream(target=thing.target), machine)
    elif name in _CONTAINERS and thing.kind in {Kind.VARIABLE, Kind.DYNAMIC}:
        registry_entry(_change(function, positional, node), Upstream(target=holder), machine)
    elif name == "register" or name.startswith(("register_", "_register")):
        registry = target if thing.kind is Kind.MODULE else holder
        registry_entry(_change(function, positional, node), Upstream(target=registry), machine)
    return None


def _own_member(holder: Target, positional: list[Value], machine: Machine) -> Value | None:
    name = positional[0]
    default = positional[1] if len(positional) > 1 else Constant(value=None)
    if not isinstance(name, Constant):
        return None
    value = Upstream(target=holder)
    thing = thing_at(value.target, machine.library)
    if thing.kind is Kind.CLASS:
        inner = _of_class_itself(value, str(name.value), machine)
        return default if inner is None else inner
    return None


def _of_class_itself(cls: Upstream, name: str, machine: Machine) -> Value | None:
    """Give a member of a class itself; None where it has none of its own."""
    thing = thing_at(cls.target, machine.library)
    if thing.target.member(name) in machine.patched:
        return machine.patched[thing.target.member(name)]
    own = member_of(thing, name, machine.library).where in {Where.OWN, Where.GENERATED}
    return attribute(cls, name, machine) if own else None


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


def run_hook(function: Value, module: Value, machine: Machine) -> None:
    """Execute a function that the plugin has called when a module of vLLM is imported.

    Args:
        function: the function; its first parameter is the module.
        module: the module.
        machine: what is known.
    """
    if not isinstance(function, Own) or isinstance(function.node, ast.ClassDef) or machine.later:
        return
    before, patched = machine.hook, dict(machine.patched)
    machine.hook = True
    machine.patched.update(machine.hooked)
    arguments = function.node.args
    takes = [*arguments.posonlyargs, *arguments.args]
    node = ast.Name("hook", ast.Load())
    executed(function, [module] if takes else [], {}, node, machine)
    # What hooks do is seen by hooks: the imports of the plugin itself come before.
    machine.hooked.update(
        (target, value) for target, value in machine.patched.items() if patched.get(target) != value
    )
    machine.hook, machine.patched = before, patched


def hooked_module(node: ast.expr, machine: Machine) -> Value | None:
    """Give the module of vLLM that a call names by a text; None where it names none.

    Args:
        node: the call, or something else.
        machine: what is known.
    """
    if not isinstance(node, ast.Call):
        return None
    for item in node.args:
        value = machine.evaluate(item) if isinstance(item, (ast.Constant, ast.Name)) else None
        if isinstance(value, Constant) and isinstance(value.value, str):
            dotted = value.value
            inside = dotted.partition(".")[0] == machine.library.package
            if inside and "." in dotted and machine.library.has_module(dotted):
                return Upstream(target=machine.library.module(dotted).target)
    return None


def _run_hooks(node: ast.Call, values: list[Value], machine: Machine) -> None:
    """Execute the functions of a call such as `when_imported("vllm.x", patch)`."""
    functions = [item for item in values if isinstance(item, Own)]
    if functions:
        module = hooked_module(node, machine)
        if module is not None:
            for function in functions:
                run_hook(function, module, machine)
