"""Branches, loops and `try`: what runs, what never does, and under which conditions."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from transforms.engine.syntax.source import blocks
from transforms.engine.syntax.standard_library import STANDARD_LIBRARY
from transforms.importers.monkeypatch.binding import bind
from transforms.importers.monkeypatch.folding import fold
from transforms.importers.monkeypatch.mutation import Asked, Guard
from transforms.importers.monkeypatch.names import either
from transforms.importers.monkeypatch.values import Applied, Collected, Part, Unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.importers.monkeypatch.frames import Snapshot
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
    first, first_raises = _execute_under(guard, one, machine)
    after = machine.snapshot()
    machine.restore(before)
    negated = replace(guard, negated=not guard.negated)
    second, second_raises = _execute_under(negated, other, machine)
    if first and second:
        machine.join(after)
    elif first:
        machine.restore(after)
    if not first and not second:
        machine.failed = first_raises and second_raises
        return False
    if first_raises or second_raises:
        machine.doubt(negated if first_raises else guard)
    elif not first or not second:
        machine.frame.left.append((guard if second else negated,))
    return True


def _execute_under(
    guard: Guard, statements: Sequence[ast.stmt], machine: Machine
) -> tuple[bool, str]:
    """Execute a branch; say whether what follows is run after it, and why it raises."""
    with machine.under(guard):
        runs_on = machine.execute(statements)
    raises, machine.failed = machine.failed, ""
    return runs_on and not raises, raises


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
    outer, machine.failed, machine.doubts = machine.failed, "", []
    around, machine.uncertain = machine.uncertain, ""
    before = machine.snapshot()
    guards = machine.guards
    machine.trying += bool(statement.handlers)
    runs_on = _execute_body(statement.body, machine)
    machine.trying -= bool(statement.handlers)
    asked = machine.guards[len(guards) :]
    machine.guards = guards
    raised, machine.failed = machine.failed, outer
    if raised and statement.handlers:
        machine.restore(before)
        runs_on = _all_run_on(statement.handlers, machine)
    elif raised:
        machine.failed = raised
    elif statement.handlers:
        _execute_handlers(statement.handlers, asked, before, machine)
    machine.uncertain = around or machine.uncertain
    if runs_on and not raised:
        runs_on = machine.execute(statement.orelse)
    return machine.execute(statement.finalbody) and runs_on


def _execute_handlers(
    handlers: Sequence[ast.ExceptHandler],
    asked: Sequence[Guard],
    before: Snapshot,
    machine: Machine,
) -> None:
    """Execute what handles an error that may be raised, or never is."""
    if not asked and not machine.uncertain:
        for item in handlers:
            _execute_never(item.body, "nothing in its `try` raises on this release", machine)
        return
    after = machine.snapshot()
    machine.restore(before)
    negated = [replace(guard, negated=not guard.negated) for guard in asked]
    why = "" if asked else f"it is done where `{machine.uncertain}` raises"
    for item in handlers:
        with machine.under(*negated, loop=why):
            runs_on = machine.execute(item.body)
        raised, machine.failed = machine.failed, ""
        if raised and negated:
            machine.doubt(asked[-1])
        elif not runs_on and negated:
            machine.frame.left.append((negated[-1],))
    machine.join(after)


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
        machine.guards = (*machine.guards, *machine.doubts, *_asked_for(statement))
        machine.doubts = []
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
    before = machine.snapshot()
    with machine.under(loop=why):
        if not isinstance(statement, ast.While):
            bind_variable(statement.target, values, why, machine)
        machine.execute(statement.body)
        after = machine.snapshot()
    if not runs:
        machine.restore(before)
        machine.join(after)
    return machine.execute(statement.orelse)


def bind_variable(target: ast.expr, values: Value, why: str, machine: Machine) -> None:
    """Bind the variables of a loop to everything that they hold in turn.

    Args:
        target: the variables.
        values: what is looped over.
        why: what is said of values that nobody knows.
        machine: what is known.
    """
    items = values.items if isinstance(values, Collected) else ()
    if isinstance(target, (ast.Tuple, ast.List)):
        for number, item in enumerate(target.elts):
            columns = [
                row.items[number]
                for row in items
                if isinstance(row, Collected) and len(row.items) == len(target.elts)
            ]
            bind(item, either(columns) if columns else Unknown(why=why), target, machine)
        return
    known = either(items) if items else Unknown(why=why)
    if isinstance(values, (Part, Applied)) and machine.later:
        known = Part(of=values, name="[...]")
    bind(target, known, target, machine)


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
        if item.optional_vars is not None:
            bind(item.optional_vars, Part(of=value, name="__enter__"), statement, machine)
    return machine.execute(statement.body)


def execute_other(statement: ast.stmt, machine: Machine) -> bool:
    """Execute every block of a statement that is none of the others: a `try` of groups.

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
