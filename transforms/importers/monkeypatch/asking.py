"""What a condition asks for which no build can settle."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.importers.monkeypatch.mutation import Asked
from transforms.importers.monkeypatch.names import dotted_of
from transforms.importers.monkeypatch.values import (
    Applied,
    Collected,
    Constant,
    Either,
    Own,
    OwnName,
    Upstream,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.importers.monkeypatch.machine import Machine

ORDER = (Asked.ENVIRONMENT, Asked.PRESENCE, Asked.UNKNOWN)
"""From what a build may leave to the running program to what it may not."""

_ENVIRONMENT = frozenset({"os.getenv", "os.environ.get", "os.environ"})
_PRESENCE = frozenset(
    {"builtins.hasattr", "builtins.getattr", "builtins.callable", "builtins.isinstance"}
    | {"builtins.issubclass", "sys.modules", "sys.modules.get", "importlib.util.find_spec"}
)


def asks_for(  # noqa: PLR0911 - one for each kind
    node: ast.AST, machine: Machine
) -> Asked | None:
    """Tell what an expression asks for; None where it is the same wherever it runs.

    Args:
        node: the expression.
        machine: what is known.
    """
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
        return asks_for(node.value, machine)
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
    found = [item for item in (asks_for(node, machine) for node in nodes) if item is not None]
    return max(found, key=ORDER.index) if found else None
