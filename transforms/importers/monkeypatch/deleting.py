"""Attributes that a plugin deletes: what is not there cannot be, and raises."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.importers.monkeypatch.held import held_in_dictionary
from transforms.importers.monkeypatch.mutation import Asked, Form
from transforms.importers.monkeypatch.rows import emit
from transforms.importers.monkeypatch.values import Absent

if TYPE_CHECKING:
    from transforms.importers.monkeypatch.machine import Machine
    from transforms.importers.monkeypatch.rows import Change
    from transforms.importers.monkeypatch.values import Own, Target


def delete(change: Change, target: Target, machine: Machine) -> None:
    """Note that an attribute of something of vLLM is deleted.

    Args:
        change: the statement or call.
        target: the attribute.
        machine: what is known.
    """
    missing = _missing(change, machine)
    emit(change, Form.DELETE, target, machine, dead=missing)
    if not missing:
        machine.patched[target] = Absent()


def delete_own(change: Change, holder: Own, machine: Machine) -> None:
    """Note that an attribute of something of the plugin is deleted, which is no row.

    Args:
        change: the statement or call.
        holder: what has it.
        machine: what is known.
    """
    if not _missing(change, machine):
        machine.notes[id(holder.node), change.name] = Absent()


def _missing(change: Change, machine: Machine) -> str:
    """Say why an attribute cannot be deleted; one that may be there is a doubt."""
    held = held_in_dictionary(change.holder, change.name, machine)
    if Absent() not in held:
        return ""
    if all(isinstance(item, Absent) for item in held):
        reason = f"{ast.unparse(change.written)} has no {change.name!r} of its own"
        machine.fail(reason)
        return reason
    members = ast.Call(ast.Name("vars", ast.Load()), [change.written], [])
    condition = ast.Compare(ast.Constant(change.name), [ast.In()], [members])
    ast.fix_missing_locations(ast.copy_location(condition, change.written))
    machine.doubt(machine.guard(condition, Asked.PRESENCE))
    return ""
