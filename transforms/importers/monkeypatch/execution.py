"""The statements of a patch module, executed without running them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from transforms.importers.monkeypatch.binding import bind, bind_item
from transforms.importers.monkeypatch.branches import (
    execute_if,
    execute_loop,
    execute_other,
    execute_try,
    execute_with,
)
from transforms.importers.monkeypatch.calling import called
from transforms.importers.monkeypatch.frames import Frame, Made
from transforms.importers.monkeypatch.functions import executed, parts_that_run
from transforms.importers.monkeypatch.hooks import hooked_module, run_hook
from transforms.importers.monkeypatch.importing import execute_from, execute_import
from transforms.importers.monkeypatch.matching import execute_match
from transforms.importers.monkeypatch.recording import record
from transforms.importers.monkeypatch.rows import Change
from transforms.importers.monkeypatch.values import (
    Applied,
    Constant,
    External,
    Own,
    Unknown,
    Upstream,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from transforms.importers.monkeypatch.machine import Machine
    from transforms.importers.monkeypatch.values import Value


def execute(statements: Sequence[ast.stmt], machine: Machine) -> bool:
    """Execute a block in the innermost frame of a machine; false where something ends it.

    What follows a `return`, or what raises on this release, is executed as well, as something that
    never runs: its rows are to be seen.

    Args:
        statements: the block.
        machine: what is known.
    """
    for number, statement in enumerate(statements):
        how = _BY_KIND.get(type(statement), execute_other)
        runs_on = how(statement, machine) is not False
        if machine.later or (runs_on and not machine.failed):
            continue
        _execute_rest(statements[number + 1 :], statement, machine)
        return runs_on
    return True


def _execute_rest(statements: Sequence[ast.stmt], after: ast.stmt, machine: Machine) -> None:
    """Execute what is never reached, after a statement that raises or leaves."""
    if not statements:
        return
    why = machine.failed or f"line {after.lineno} ends it before"
    failed, machine.failed = machine.failed, ""
    before = machine.snapshot()
    with machine.under(dead=why):
        execute(statements, machine)
    # The names of a module are asked for by its functions, which may be called all the same.
    machine.undo(before, names=bool(machine.frame.made_in))
    machine.failed = failed


def _expression(statement: ast.Expr, machine: Machine) -> None:
    if isinstance(statement.value, ast.Call):
        called(statement.value, machine, for_effect=True)
    else:
        machine.evaluate(statement.value)


def _assign(statement: ast.Assign, machine: Machine) -> None:
    value = machine.evaluate(statement.value)
    for target in statement.targets:
        bind(target, value, statement, machine)


def _annotated(statement: ast.AnnAssign, machine: Machine) -> None:
    if statement.value is not None:
        bind(statement.target, machine.evaluate(statement.value), statement, machine)


def _augmented(statement: ast.AugAssign, machine: Machine) -> None:
    added = machine.evaluate(statement.value)
    target = statement.target
    value = Unknown(why=f"`{ast.unparse(statement)}` adds to what is there")
    if isinstance(target, ast.Name):
        held = machine.look_up(target.id)
        if isinstance(held, Upstream):
            # A list is changed where it is, whoever else has it.
            change = Change(
                holder=held, name="[+=]", value=added, node=statement, written=target, key=value
            )
            record(change, machine)
        else:
            machine.bind(target.id, value)
        return
    bind(target, value, statement, machine)


def _delete(statement: ast.Delete, machine: Machine) -> None:
    nothing = Constant(value=None)
    for target in statement.targets:
        if isinstance(target, ast.Name):
            machine.frame.names.pop(target.id, None)
        elif isinstance(target, ast.Attribute):
            change = Change(
                holder=machine.evaluate(target.value),
                name=target.attr,
                value=nothing,
                node=statement,
                written=target.value,
                deletes=True,
            )
            record(change, machine)
        elif isinstance(target, ast.Subscript):
            bind_item(target, nothing, statement, machine, deletes=True)


def _define(statement: ast.FunctionDef | ast.AsyncFunctionDef, machine: Machine) -> None:
    frame = machine.frame
    for item in parts_that_run(statement.args):
        machine.evaluate(item)
    own = Own(module=frame.module, node=statement, names=frame.around(), made_in=frame.made_in)
    machine.made.append(Made(own, frame, machine.conditions(), machine.dead))
    value: Value = own
    for decorator in reversed(statement.decorator_list):
        value = _decorated(value, decorator, machine)
    machine.bind(statement.name, value)


def _decorated(value: Value, decorator: ast.expr, machine: Machine) -> Value:
    function = machine.evaluate(decorator)
    module = hooked_module(decorator, machine)
    if module is not None:
        # What keeps the function until the import may call it at once, too: the same change.
        run_hook(value, module, machine)
        return value
    if isinstance(function, Own) and not isinstance(function.node, ast.ClassDef):
        return executed(function, [value], {}, decorator, machine)
    if isinstance(function, Applied) and isinstance(function.function, External):
        # `@wraps(f)`, `@lru_cache(1)`: what they make is the function, for whoever reads it.
        return value
    if isinstance(function, External):
        return value
    return Applied(function=function, node=decorator, positional=(value,))


def _class(statement: ast.ClassDef, machine: Machine) -> None:
    around = machine.frame
    own = Own(module=around.module, node=statement, names=around.around(), made_in=around.made_in)
    for word in statement.keywords:
        machine.evaluate(word.value)
    machine.bases[id(statement)] = tuple(machine.evaluate(item) for item in statement.bases)
    made_in = f"{around.made_in}.{statement.name}" if around.made_in else statement.name
    frame = Frame(
        around.module,
        around.path,
        closure=around.around(),
        made_in=made_in,
        node=statement,
        is_class=True,
    )
    with machine.inside(frame):
        machine.execute(statement.body)
    machine.classes[id(statement)] = frame.names
    machine.values.update(id(item.node) for item in frame.names.values() if isinstance(item, Own))
    value: Value = own
    for decorator in reversed(statement.decorator_list):
        value = _decorated(value, decorator, machine)
    machine.bind(statement.name, value)


def _return(statement: ast.Return, machine: Machine) -> bool:
    frame = machine.frame
    if statement.value is None:
        value: Value = Constant(value=None)
    else:
        value = machine.evaluate(statement.value)
    if not machine.dead:
        frame.returned.append(value)
    return _leave(statement, machine)


def _assert(statement: ast.Assert, machine: Machine) -> None:
    machine.evaluate(statement.test)


def _raise(statement: ast.Raise, machine: Machine) -> bool:
    for item in (statement.exc, statement.cause):
        if item is not None:
            machine.evaluate(item)
    machine.fail(f"line {statement.lineno} raises")
    return machine.later


def _leave(_: ast.stmt, machine: Machine) -> bool:
    return machine.later


def _global(statement: ast.Global, machine: Machine) -> None:
    machine.frame.shared.update(statement.names)


def _nothing(_: ast.stmt, __: Machine) -> None:
    """Execute what neither binds nor calls."""


_BY_KIND: Mapping[type[ast.stmt], Callable[[Any, Machine], bool | None]] = {
    ast.AnnAssign: _annotated,
    ast.Assert: _assert,
    ast.Assign: _assign,
    ast.AsyncFor: execute_loop,
    ast.AsyncFunctionDef: _define,
    ast.AsyncWith: execute_with,
    ast.AugAssign: _augmented,
    ast.Break: _leave,
    ast.ClassDef: _class,
    ast.Continue: _leave,
    ast.Delete: _delete,
    ast.Expr: _expression,
    ast.For: execute_loop,
    ast.FunctionDef: _define,
    ast.Global: _global,
    ast.If: execute_if,
    ast.Import: execute_import,
    ast.ImportFrom: execute_from,
    ast.Match: execute_match,
    ast.Nonlocal: _nothing,
    ast.Pass: _nothing,
    ast.Raise: _raise,
    ast.Return: _return,
    ast.Try: execute_try,
    ast.While: execute_loop,
    ast.With: execute_with,
}
