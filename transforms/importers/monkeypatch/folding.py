"""Conditions: which of them the build settles, and what the others ask for."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from transforms.engine.syntax.bindings import asks_for_typing
from transforms.importers.monkeypatch.asking import ORDER, asks_for
from transforms.importers.monkeypatch.held import held_in_dictionary, is_there
from transforms.importers.monkeypatch.mutation import Asked, Guard
from transforms.importers.monkeypatch.names import dotted_of
from transforms.importers.monkeypatch.resolution import Kind
from transforms.importers.monkeypatch.things import thing_at
from transforms.importers.monkeypatch.values import (
    Collected,
    Constant,
    Either,
    Own,
    OwnName,
    Part,
    Upstream,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from transforms.importers.monkeypatch.machine import Machine
    from transforms.importers.monkeypatch.values import Value

_COMPARED: Mapping[type[ast.cmpop], Callable[[Any, Any], object]] = {
    ast.Eq: lambda one, other: one == other,
    ast.NotEq: lambda one, other: one != other,
    ast.Lt: lambda one, other: one < other,
    ast.LtE: lambda one, other: one <= other,
    ast.Gt: lambda one, other: one > other,
    ast.GtE: lambda one, other: one >= other,
    ast.Is: lambda one, other: one is other,
    ast.IsNot: lambda one, other: one is not other,
    ast.In: lambda one, other: one in other,
    ast.NotIn: lambda one, other: one not in other,
}
_SAME = (ast.Eq, ast.Is)
_OTHER = (ast.NotEq, ast.IsNot)


def fold(test: ast.expr, machine: Machine) -> bool | Guard:
    """Settle a condition, or give what of it no build can know.

    Args:
        test: the condition.
        machine: what is known.
    """
    if asks_for_typing(test):
        return isinstance(test, ast.UnaryOp)
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = fold(test.operand, machine)
        return not inner if isinstance(inner, bool) else replace(inner, negated=not inner.negated)
    if isinstance(test, ast.BoolOp):
        return _fold_several(test, machine)
    truth = truth_of(machine.evaluate(test), machine)
    if truth is not None:
        return truth
    asks = asks_for(test, machine) or Asked.UNKNOWN
    return _known_already(machine.guard(test, asks), machine)


def _known_already(guard: Guard, machine: Machine) -> bool | Guard:
    """Settle a condition by the branch that it stands in, which may have asked the same."""
    if guard.asks is Asked.PRESENCE:
        # What is there may have been put there in between.
        return guard
    text = ast.unparse(guard.condition)
    for item in machine.guards:
        if ast.unparse(item.condition) == text and item.names == guard.names:
            return not item.negated
    return guard


def settled_by(guard: Guard) -> tuple[str, ...]:
    """Give the names that `--define` would have to say something of, for a build to know.

    Args:
        guard: a condition that stays.
    """
    calls = [
        node.func.id
        for node in ast.walk(guard.condition)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]
    names = calls or list(guard.names)
    own = [
        name
        for name in names
        if not dotted_of(guard.names.get(name, Constant(value=None))).startswith("builtins.")
    ]
    return tuple(dict.fromkeys(own))


def _fold_several(test: ast.BoolOp, machine: Machine) -> bool | Guard:
    settles = isinstance(test.op, ast.Or)
    left: list[Guard] = []
    for value in test.values:
        found = fold(value, machine)
        if isinstance(found, Guard):
            left.append(found)
        elif found is settles:
            return settles
    if not left:
        return not settles
    if len(left) == 1:
        return left[0]
    parts = [
        ast.UnaryOp(ast.Not(), item.condition) if item.negated else item.condition for item in left
    ]
    asks = max((item.asks for item in left), key=ORDER.index)
    names = {name: value for item in left for name, value in item.names.items()}
    condition = ast.fix_missing_locations(ast.copy_location(ast.BoolOp(test.op, list(parts)), test))
    return Guard(condition=condition, asks=asks, names=names)


def truth_of(value: Value, machine: Machine) -> bool | None:
    """Tell whether a value counts as true; None where only a running program knows."""
    if isinstance(value, Constant):
        return bool(value.value)
    if isinstance(value, Collected):
        return bool(value.items)
    if isinstance(value, Own):
        return True
    if isinstance(value, Upstream):
        kind = thing_at(value.target, machine.library).kind
        return True if kind in {Kind.MODULE, Kind.CLASS, Kind.FUNCTION} else None
    if isinstance(value, Either):
        answers = {truth_of(item, machine) for item in value.values}
        return answers.pop() if len(answers) == 1 else None
    return None


def compared(node: ast.Compare, machine: Machine) -> bool | None:
    """Settle a comparison; None where only a running program knows.

    Args:
        node: the comparison.
        machine: what is known.
    """
    values = [machine.evaluate(item) for item in (node.left, *node.comparators)]
    answers = [
        _settled(one, how, other, machine)
        for one, how, other in zip(values, node.ops, values[1:], strict=False)
    ]
    if False in answers:
        return False
    return None if None in answers else True


def _settled(one: Value, how: ast.cmpop, other: Value, machine: Machine) -> bool | None:
    left, right = _plain(one), _plain(other)
    if left is not None and right is not None:
        try:
            return bool(_COMPARED[type(how)](left[0], right[0]))
        except TypeError:
            return None
    if isinstance(how, (ast.In, ast.NotIn)) and left is not None:
        there = _is_in_dictionary(str(left[0]), other, machine)
        return there if there is None or isinstance(how, ast.In) else not there
    if isinstance(how, _SAME):
        return _are_same(one, other, machine)
    if isinstance(how, _OTHER):
        same = _are_same(one, other, machine)
        return None if same is None else not same
    return None


def _is_in_dictionary(name: str, value: Value, machine: Machine) -> bool | None:
    """Tell whether the `__dict__` of a class or module has a name."""
    of: Value | None = None
    if isinstance(value, Upstream) and value.target.path[-1:] == ("__dict__",):
        of = Upstream(target=value.target.holder)
    elif isinstance(value, Part) and value.name == "__dict__":
        of = value.of
    held = held_in_dictionary(of, name, machine) if of is not None else ()
    return is_there(held) if held else None


def _plain(value: Value) -> tuple[object] | None:
    """Give a value of Python's own, in a tuple, as it may be None."""
    if isinstance(value, Constant):
        return (value.value,)
    if isinstance(value, Collected):
        inner = [_plain(item) for item in value.items]
        return None if None in inner else (tuple(item[0] for item in inner if item),)
    return None


def _are_same(  # noqa: PLR0911 - one for each kind
    one: Value, other: Value, machine: Machine
) -> bool | None:
    for left, right in ((one, other), (other, one)):
        if isinstance(left, Constant) and left.value is None:
            if isinstance(right, (Own, Collected)):
                return False
            if isinstance(right, Upstream):
                return False if truth_of(right, machine) else None
            return None
    if one == other and isinstance(one, (Upstream, OwnName, Own)):
        return True
    if _is_definition(one, machine) and _is_definition(other, machine):
        return False
    left_name, right_name = dotted_of(one), dotted_of(other)
    if not left_name or not right_name:
        return None
    # Members of one enumeration, of which one may have been given with `--define`.
    left_class, _, left_last = left_name.rpartition(".")
    right_class, _, right_last = right_name.rpartition(".")
    if not left_class or left_class.rpartition(".")[2] != right_class.rpartition(".")[2]:
        return None
    return left_last == right_last


def _is_definition(value: Value, machine: Machine) -> bool:
    """Tell whether a value is a class, function or module: two of them are never the same."""
    return isinstance(value, (Own, Upstream)) and truth_of(value, machine) is True


def defined(value: Value, machine: Machine) -> Value | None:
    """Give what the user said of a name with `--define`.

    Args:
        value: what the name leads to.
        machine: what is known.
    """
    dotted = dotted_of(value)
    if not dotted:
        return None
    for name, given in machine.defines.items():
        if dotted == name or dotted.endswith(f".{name}"):
            machine.asked.add(name)
            return given
    return None
