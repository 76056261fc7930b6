"""Branches, loops and `try`: what runs, what never does, and under which conditions."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from transforms.engine.syntax.source import blocks
from transforms.engine.syntax.standard_library import STANDARD_LIBRARY
from transforms.importers.monkeypatch.folding import fold
from transforms.importers.monkeypatch.mutation import Asked, Guard
from transforms.importers.monkeypatch.names import either
from transforms.importers.monkeypatch.values import Applied, Collected, Part, Unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.importers.monkeypatch.machine import Machine
    from transforms.importers.monkeypatch.values import Value

# What vLLM itself cannot do without.
_THERE = frozenset({"numpy", "pydantic", "torch", "transformers"})


def execute_if(statement: ast.If, machine: Machine) -> bool:
    """Execute the branch that runs; the other one as what never does; or both under a guard.

    Args:
        statement: the statement.
        machine: what is known.

    Returns:
        Whether what follows is run.
    """
    if machine.later:
        machine.evaluate(statement.test)
        machine.execute(statement.body)
        machine.execute(statement.orelse)
        return True
    found = fold(statement.test, machine)
    if isinstance(found, bool):
        shown = f"`{_short(statement.test)}` is {found} here"
        if found:
            runs_on = machine.execute(statement.body)
            _execute_never(statement.orelse, shown, machine)
            return runs_on
        _execute_never(statement.body, shown, machine)
        return machine.execute(statement.orelse)
    return _execute_both(statement.body, statement.orelse, found, machine)


def _short(node: ast.expr) -> str:
    return " ".join(ast.unparse(node).split())


def _execute_never(statements: Sequence[ast.stmt], why: str, machine: Machine) -> None:
    if not statements:
        return
    before = machine.snapshot()
    with machine.under(dead=why):
        machine.execute(statements)
    machine.undo(before)


def _execute_both(
    one: Sequence[ast.stmt], other: Sequence[ast.stmt], guard: Guard, machine: Machine
) -> bool:
    before = machine.snapshot()
    with machine.under(guard):
        first = machine.execute(one)
        if not first:
            machine.frame.left.append(_since(machine))
        after = machine.snapshot()
    machine.restore(before)
    with machine.under(replace(guard, negated=not guard.negated)):
        second = machine.execute(other)
        if not second:
            machine.frame.left.append(_since(machine))
    if first and second:
        machine.join(after)
    elif first:
        machine.restore(after)
    if not first and not second:
        del machine.frame.left[-2:]
        return False
    return True


def _since(machine: Machine) -> tuple[Guard, ...]:
    """Give the conditions that hold here and did not hold where the frame was entered."""
    return machine.guards[-1:]


def execute_try(statement: ast.Try, machine: Machine) -> bool:
    """Execute a `try`: its body; its handlers where the body raises on this release, or may.

    Args:
        statement: the statement.
        machine: what is known.

    Returns:
        Whether what follows is run.
    """
    if machine.later:
        for block in blocks(statement):
            machine.execute(block)
        return True
    outer, machine.failed = machine.failed, ""
    before = machine.snapshot()
    guards = machine.guards
    runs_on = _execute_body(statement.body, machine)
    asked = machine.guards[len(guards) :]
    machine.guards = guards
    raised, machine.failed = machine.failed, outer
    if raised and statement.handlers:
        machine.restore(before)
        runs_on = _all_run_on(statement.handlers, machine)
    elif raised:
        machine.failed = raised
    elif asked:
        after = machine.snapshot()
        machine.restore(before)
        for item in statement.handlers:
            with machine.under(*(replace(guard, negated=True) for guard in asked)):
                if not machine.execute(item.body):
                    machine.frame.left.append(_since(machine))
        machine.join(after)
    else:
        for item in statement.handlers:
            _execute_never(item.body, "nothing in its `try` raises on this release", machine)
    if runs_on and not raised:
        runs_on = machine.execute(statement.orelse)
    return machine.execute(statement.finalbody) and runs_on


def _all_run_on(handlers: Sequence[ast.ExceptHandler], machine: Machine) -> bool:
    answers = [machine.execute(item.body) for item in handlers]
    return all(answers)


def _execute_body(statements: Sequence[ast.stmt], machine: Machine) -> bool:
    """Execute the body of a `try`; what follows an import that may fail has that as condition."""
    for number, statement in enumerate(statements):
        runs_on = machine.execute([statement])
        rest = statements[number + 1 :]
        if machine.failed or not runs_on:
            why = machine.failed or f"line {statement.lineno} ends it before"
            raised, machine.failed = machine.failed, ""
            _execute_never(rest, why, machine)
            machine.failed = raised
            return runs_on
        machine.guards = (*machine.guards, *_asked_for(statement))
    return True


def _asked_for(statement: ast.stmt) -> list[Guard]:
    """Give the condition that packages are there which an import may not find."""
    names: list[str] = []
    if isinstance(statement, ast.Import):
        names = [item.name for item in statement.names]
    elif isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
        names = [statement.module]
    found: list[Guard] = []
    for name in dict.fromkeys(item.partition(".")[0] for item in names):
        if name in STANDARD_LIBRARY | _THERE or name.startswith("vllm"):
            continue
        code = f"__import__('importlib.util').util.find_spec({name!r}) is not None"
        condition = ast.parse(code, mode="eval").body
        ast.copy_location(condition, statement)
        found.append(Guard(condition=condition, asks=Asked.PRESENCE))
    return found


def execute_loop(statement: ast.For | ast.AsyncFor | ast.While, machine: Machine) -> bool:
    """Execute the body of a loop once, for all that its variable may hold.

    A loop over what is written out and not empty does run; of any other, nobody knows.

    Args:
        statement: the loop.
        machine: what is known.

    Returns:
        Whether what follows is run.
    """
    runs = False
    if isinstance(statement, ast.While):
        machine.evaluate(statement.test)
        why = f"it is done in the loop `while {_short(statement.test)}`"
    else:
        why = f"it is done in a loop over `{_short(statement.iter)}`"
        values = machine.evaluate(statement.iter)
        runs = isinstance(values, Collected) and bool(values.items)
        _bind_variable(statement.target, values, why, machine)
    before = machine.snapshot()
    with machine.under(loop=why):
        machine.execute(statement.body)
        after = machine.snapshot()
    if not runs:
        machine.restore(before)
        machine.join(after)
    return machine.execute(statement.orelse)


def _bind_variable(target: ast.expr, values: Value, why: str, machine: Machine) -> None:
    """Bind the variables of a loop to everything that they hold in turn."""
    items = values.items if isinstance(values, Collected) else ()
    if isinstance(target, ast.Name):
        known = either(items) if items else Unknown(why=why)
        if isinstance(values, (Part, Applied)) and machine.later:
            known = Part(of=values, name="[...]")
        machine.bind(target.id, known)
    elif isinstance(target, (ast.Tuple, ast.List)):
        for number, item in enumerate(target.elts):
            columns = [
                row.items[number]
                for row in items
                if isinstance(row, Collected) and len(row.items) == len(target.elts)
            ]
            known = either(columns) if columns else Unknown(why=why)
            if isinstance(item, ast.Name):
                machine.bind(item.id, known)


def execute_with(statement: ast.With | ast.AsyncWith, machine: Machine) -> bool:
    """Execute the body of a `with`.

    Args:
        statement: the statement.
        machine: what is known.

    Returns:
        Whether what follows is run.
    """
    for item in statement.items:
        value = machine.evaluate(item.context_expr)
        if isinstance(item.optional_vars, ast.Name):
            machine.bind(item.optional_vars.id, Part(of=value, name="__enter__"))
    return machine.execute(statement.body)


def execute_other(statement: ast.stmt, machine: Machine) -> bool:
    """Execute every block of a statement that is none of the others: a `match`, a `try` of groups.

    Args:
        statement: the statement.
        machine: what is known.

    Returns:
        Whether what follows is run.
    """
    why = f"it is done inside of `{type(statement).__name__.lower()}`"
    with machine.under(loop=why):
        for block in blocks(statement):
            machine.execute(block)
    return True
