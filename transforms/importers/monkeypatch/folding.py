"""Conditions: which of them the build settles, and what the others ask for."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from transforms.engine.syntax.bindings import asks_for_typing
from transforms.importers.monkeypatch.attributes import thing_at
from transforms.importers.monkeypatch.mutation import Asked, Guard
from transforms.importers.monkeypatch.resolution import Kind
from transforms.importers.monkeypatch.values import (
    Applied,
    Collected,
    Constant,
    Either,
    External,
    Own,
    OwnName,
    Upstream,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from transforms.importers.monkeypatch.machine import Machine
    from transforms.importers.monkeypatch.values import Value

_ORDER = (Asked.ENVIRONMENT, Asked.PRESENCE, Asked.UNKNOWN)
_ENVIRONMENT = frozenset({"os.getenv", "os.environ.get", "os.environ"})
_PRESENCE = frozenset(
    {"builtins.hasattr", "builtins.getattr", "builtins.callable", "builtins.isinstance"}
    | {"builtins.issubclass", "sys.modules", "sys.modules.get", "importlib.util.find_spec"}
)
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
    names = {
        node.id: machine.look_up(node.id) for node in ast.walk(test) if isinstance(node, ast.Name)
    }
    guard = Guard(condition=test, asks=_asks(test, machine) or Asked.UNKNOWN, names=names)
    return _known_already(guard, machine)


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
    asks = max((item.asks for item in left), key=_ORDER.index)
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
    if isinstance(how, _SAME):
        return _are_same(one, other, machine)
    if isinstance(how, _OTHER):
        same = _are_same(one, other, machine)
        return None if same is None else not same
    return None


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


def dotted_of(value: Value) -> str:
    """Give the dotted name that a value has; empty where it has none."""
    if isinstance(value, (Upstream, OwnName)):
        return ".".join((value.target.module, *value.target.path))
    if isinstance(value, External):
        return value.dotted
    if isinstance(value, Own) and not isinstance(value.node, ast.Lambda):
        return ".".join(filter(None, (value.module, value.made_in, value.node.name)))
    return ""


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


def _asks(  # noqa: PLR0911 - one for each kind
    node: ast.AST, machine: Machine
) -> Asked | None:
    """Tell what an expression asks for; None where it is the same wherever it runs."""
    if isinstance(node, ast.Call):
        called = dotted_of(machine.evaluate(node.func))
        if called in _ENVIRONMENT:
            return Asked.ENVIRONMENT
        if called in _PRESENCE:
            return Asked.PRESENCE
        if isinstance(node.func, ast.Attribute):
            return _worst([node.func.value, *node.args], machine) or Asked.UNKNOWN
        if called.startswith("builtins."):
            return _worst(node.args, machine)
        return Asked.UNKNOWN
    if isinstance(node, (ast.Name, ast.Attribute, ast.Subscript)):
        return _asks_by_value(node, machine)
    return _worst(
        [item for item in ast.iter_child_nodes(node) if isinstance(item, ast.expr)], machine
    )


def _asks_by_value(  # noqa: PLR0911 - one for each kind
    node: ast.Name | ast.Attribute | ast.Subscript, machine: Machine
) -> Asked | None:
    if isinstance(node, ast.Subscript):
        return _asks(node.value, machine)
    value = machine.evaluate(node)
    dotted = dotted_of(value)
    if dotted in _PRESENCE:
        return Asked.PRESENCE
    if dotted in _ENVIRONMENT or ".envs." in dotted:
        return Asked.ENVIRONMENT
    if isinstance(value, Applied):
        made_by = dotted_of(value.function)
        if made_by in _ENVIRONMENT:
            return Asked.ENVIRONMENT
        return Asked.PRESENCE if made_by in _PRESENCE else Asked.UNKNOWN
    if isinstance(value, Either):
        known = all(isinstance(item, (Upstream, Constant, Own, OwnName)) for item in value.values)
        return Asked.PRESENCE if known else Asked.UNKNOWN
    return None if isinstance(value, (Constant, Own, Collected)) else Asked.UNKNOWN


def _worst(nodes: Sequence[ast.expr], machine: Machine) -> Asked | None:
    found = [item for item in (_asks(node, machine) for node in nodes) if item is not None]
    return max(found, key=_ORDER.index) if found else None
