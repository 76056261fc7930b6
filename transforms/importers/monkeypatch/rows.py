"""The rows of what a plugin does: one for each place and target."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from transforms.importers.monkeypatch.mutation import Form, Mutation, Place
from transforms.importers.monkeypatch.values import Applied, Own, Unknown

if TYPE_CHECKING:
    from transforms.engine.syntax.source import SourceError
    from transforms.importers.monkeypatch.machine import Machine
    from transforms.importers.monkeypatch.values import Target, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One assignment, as the plugin wrote it.

    Attributes:
        holder: what is assigned to.
        name: the attribute, or the key as it is written, in brackets.
        value: what is assigned.
        node: the statement or call.
        written: the expression of the holder.
        key: the key of an item; None for an attribute.
        deletes: it is a `del`.
    """

    holder: Value
    name: str
    value: Value
    node: ast.AST
    written: ast.expr
    key: Value | None = None
    deletes: bool = False

    @property
    def spelled(self) -> str:
        """The target as the plugin wrote it."""
        between = "" if self.name.startswith("[") else "."
        return f"{ast.unparse(self.written)}{between}{self.name}"


def emit(  # noqa: PLR0913
    change: Change,
    form: Form,
    target: Target | None,
    machine: Machine,
    *,
    captured: dict[str, Target] | None = None,
    why_not: str = "",
    dead: str = "",
) -> None:
    """Add a row, or complete the one that is there of the same place and target."""
    for own in (change.value, *_inner(change.value)):
        if isinstance(own, Own):
            machine.values.add(id(own.node))
    hooked = machine.hook and form not in {Form.THIRD_PARTY, Form.OWN_TARGET}
    row = Mutation(
        place=place_of(change, machine),
        form=Form.HOOK if hooked else form,
        target=target,
        spelled=change.spelled,
        value=change.value,
        guards=machine.conditions(),
        captured=captured or {},
        processes=frozenset([machine.process] if machine.process else []),
        order=len(machine.rows),
        dead=machine.dead or dead,
        why_not=machine.loop or why_not,
        inside=form if hooked else None,
        outside=machine.outside,
    )
    for number, known in enumerate(machine.rows):
        if (known.place, known.target) == (row.place, row.target):
            if known.target is None and known.spelled != row.spelled:
                continue
            if known.dead and not row.dead:
                machine.rows[number] = replace(row, order=known.order)
            return
    machine.rows.append(row)


def emit_unreadable(error: SourceError, module: str, machine: Machine) -> None:
    """Add the row of a file that cannot be read: what it patches is not known.

    Args:
        error: what the parser says of it.
        module: the plugin's module.
        machine: what is known.
    """
    machine.rows.append(
        Mutation(
            place=Place(error.path, error.line),
            form=Form.OTHER,
            target=None,
            spelled=module,
            value=Unknown(why=error.reason),
            processes=frozenset([machine.process] if machine.process else []),
            order=len(machine.rows),
            why_not=f"the file {error.reason}",
            outside=machine.outside,
        )
    )


def place_of(change: Change, machine: Machine) -> Place:
    """Give the place where the target is named: the call, where the call names it."""
    frame = machine.frame
    root = change.written
    while isinstance(root, (ast.Attribute, ast.Subscript, ast.Call)):
        root = root.func if isinstance(root, ast.Call) else root.value
    named_by_caller = isinstance(root, ast.Name) and root.id in frame.given
    return frame.call if named_by_caller and frame.call else machine.place(change.node)


def _inner(value: Value) -> tuple[Value, ...]:
    return (value.function, *value.positional) if isinstance(value, Applied) else ()
