"""Calls of the plugin's own functions, which are executed with their arguments."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.engine.syntax.definition import is_text
from transforms.engine.syntax.suspension import yields
from transforms.importers.monkeypatch.attributes import of_own_name
from transforms.importers.monkeypatch.frames import Frame
from transforms.importers.monkeypatch.names import either
from transforms.importers.monkeypatch.resolution import Kind
from transforms.importers.monkeypatch.things import thing_at
from transforms.importers.monkeypatch.values import (
    Applied,
    Collected,
    Constant,
    External,
    Own,
    Parameter,
    Target,
    Unknown,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from transforms.importers.monkeypatch.frames import Made
    from transforms.importers.monkeypatch.machine import Machine
    from transforms.importers.monkeypatch.mutation import Place
    from transforms.importers.monkeypatch.values import OwnName, Value

# A patch that needs more calls inside of calls is a program.
_DEEPEST = 24


def executed(  # noqa: PLR0913 - what a call is made of
    own: Own,
    positional: Sequence[Value],
    keywords: Mapping[str, Value],
    node: ast.expr,
    machine: Machine,
    *,
    place: Place | None = None,
) -> Value:
    """Execute a function or lambda of the plugin, and give what it returns.

    Args:
        own: the function.
        positional: its positional arguments.
        keywords: its keyword arguments.
        node: the call.
        machine: what is known.
        place: where the call is; None where what it patches is named in the function itself.
    """
    function = own.node
    given = Applied(function=own, node=node, positional=tuple(positional), keywords=dict(keywords))
    too_deep = len(machine.stack) > _DEEPEST
    running = any(frame.node is function for frame in machine.stack)
    if isinstance(function, ast.ClassDef) or _is_suspended(function):
        return given
    if machine.later or running or too_deep:
        return given
    frame = _frame(own, machine)
    frame.call = place
    machine.ran.add(id(function))
    with machine.inside(frame):
        _bind_arguments(function, positional, keywords, machine)
        frame.given = frozenset(frame.names)
        if isinstance(function, ast.Lambda):
            return machine.evaluate(function.body)
        if machine.execute(function.body) or not frame.returned:
            frame.returned.append(Constant(value=None))
        return either(frame.returned)


def walked(made: Made, machine: Machine) -> None:
    """Execute a function as something calls it later, with arguments that nobody knows.

    Args:
        made: the function.
        machine: what is known after all imports.
    """
    function = made.value.node
    if id(function) in machine.ran or isinstance(function, ast.ClassDef):
        return
    if made.value.module in machine.helpers:
        # Of a helper only what it does with what it is given is the plugin's.
        return
    machine.ran.add(id(function))
    frame = _frame(made.value, machine)
    machine.later = True
    with machine.under(*made.guards, dead=made.dead), machine.inside(frame):
        for number, item in enumerate(_parameters(function.args)):
            is_first = number == 0
            frame.names[item.arg] = Parameter(name=item.arg, function=function, is_first=is_first)
        if isinstance(function, ast.Lambda):
            machine.evaluate(function.body)
        else:
            machine.execute(function.body)
    machine.later = False


def simple_result(own: OwnName, machine: Machine) -> Value | None:
    """Give what a function of the plugin returns that is one `return`, asked without arguments.

    Args:
        own: a function of a module that is not executed.
        machine: what is known.
    """
    thing = thing_at(own.target, machine.own)
    node = thing.node
    if thing.kind is not Kind.FUNCTION or not isinstance(node, ast.FunctionDef):
        return None
    body = [item for item in node.body if not is_text(item)]
    if len(body) != 1 or not isinstance(body[0], ast.Return) or body[0].value is None:
        return None
    if _parameters(node.args) or node.decorator_list or len(machine.stack) > _DEEPEST:
        return None
    names = machine.own.names(thing.target.module)
    module = Target(module=thing.target.module)
    bound = {
        item.id: of_own_name(module, item.id, machine)
        for item in ast.walk(body[0].value)
        if isinstance(item, ast.Name) and names is not None and item.id in names.bound
    }
    frame = Frame(module.module, names.path if names else "", bound, made_in=node.name, node=node)
    with machine.inside(frame):
        return machine.evaluate(body[0].value)


def _frame(own: Own, machine: Machine) -> Frame:
    function = own.node
    name = "<lambda>" if isinstance(function, ast.Lambda) else function.name
    path = machine.read[own.module].path
    made_in = f"{own.made_in}.{name}" if own.made_in else name
    closure = dict(own.names) if not isinstance(own.names, dict) else own.names
    return Frame(own.module, path, closure=closure, made_in=made_in, node=function)


def _is_suspended(function: ast.AST) -> bool:
    """Tell whether to call a function does not run it."""
    if isinstance(function, ast.AsyncFunctionDef):
        return True
    return isinstance(function, ast.FunctionDef) and yields(function.body)


def parts_that_run(arguments: ast.arguments) -> list[ast.expr]:
    """Give the expressions of parameters that run where the function is made: their defaults.

    Args:
        arguments: the parameters.
    """
    return [*arguments.defaults, *(item for item in arguments.kw_defaults if item is not None)]


def _parameters(arguments: ast.arguments) -> list[ast.arg]:
    several = [item for item in (arguments.vararg, arguments.kwarg) if item is not None]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *several]


def _bind_arguments(
    function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda,
    positional: Sequence[Value],
    keywords: Mapping[str, Value],
    machine: Machine,
) -> None:
    arguments = function.args
    names = machine.frame.names
    ordered = [*arguments.posonlyargs, *arguments.args]
    for item, default in zip(reversed(ordered), reversed(arguments.defaults), strict=False):
        names[item.arg] = machine.evaluate(default)
    for item, one in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if one is not None:
            names[item.arg] = machine.evaluate(one)
    for item, value in zip(ordered, positional, strict=False):
        names[item.arg] = value
    known = {item.arg for item in (*ordered, *arguments.kwonlyargs)}
    names.update({name: value for name, value in keywords.items() if name in known})
    for item in (*ordered, *arguments.kwonlyargs):
        names.setdefault(item.arg, Unknown(why=f"the argument {item.arg!r} is not known"))
    if arguments.vararg is not None:
        rest = tuple(positional[len(ordered) :])
        node = ast.Name(arguments.vararg.arg, ast.Load())
        names[arguments.vararg.arg] = Collected(items=rest, node=node)
    if arguments.kwarg is not None:
        node = ast.Name(arguments.kwarg.arg, ast.Load())
        rest_of = {name: value for name, value in keywords.items() if name not in known}
        names[arguments.kwarg.arg] = Applied(
            function=External(dotted="builtins.dict"), node=node, keywords=rest_of
        )
