"""What a target of an assignment binds: a name, an attribute, an item, or several of them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.importers.monkeypatch.recording import record
from transforms.importers.monkeypatch.rows import Change
from transforms.importers.monkeypatch.values import Collected, Part

if TYPE_CHECKING:
    from transforms.importers.monkeypatch.machine import Machine
    from transforms.importers.monkeypatch.values import Value


def bind(target: ast.expr, value: Value, node: ast.AST, machine: Machine) -> None:
    """Assign a value to a target: a name, an attribute, an item, or several of them.

    Args:
        target: the target.
        value: the value.
        node: the statement.
        machine: what is known.
    """
    if isinstance(target, ast.Name):
        machine.bind(target.id, value)
    elif isinstance(target, (ast.Tuple, ast.List)):
        items = value.items if isinstance(value, Collected) else ()
        known = len(items) == len(target.elts)
        for number, item in enumerate(target.elts):
            part = items[number] if known else Part(of=value, name=f"[{number}]")
            bind(item, part, node, machine)
    elif isinstance(target, ast.Starred):
        bind(target.value, Part(of=value, name="[...]"), node, machine)
    elif isinstance(target, ast.Attribute):
        holder = machine.evaluate(target.value)
        change = Change(
            holder=holder, name=target.attr, value=value, node=node, written=target.value
        )
        record(change, machine)
    elif isinstance(target, ast.Subscript):
        bind_item(target, value, node, machine, deletes=False)


def bind_item(
    target: ast.Subscript, value: Value, node: ast.AST, machine: Machine, *, deletes: bool
) -> None:
    """Assign a value to an item, or delete it.

    Args:
        target: the item.
        value: the value.
        node: the statement.
        machine: what is known.
        deletes: it is a `del`.
    """
    change = Change(
        holder=machine.evaluate(target.value),
        name=f"[{ast.unparse(target.slice)}]",
        value=value,
        node=node,
        written=target.value,
        key=machine.evaluate(target.slice),
        deletes=deletes,
    )
    record(change, machine)
