"""The plugin's definition behind a name of a module that no root imports."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from transforms.importers.monkeypatch.resolution import Kind
from transforms.importers.monkeypatch.values import Applied, Own, OwnName

if TYPE_CHECKING:
    from transforms.importers.monkeypatch.translation.setting import Setting
    from transforms.importers.monkeypatch.values import Value


def with_definitions(value: Value, setting: Setting) -> Value:
    """Give a value in which names of the plugin are the definitions behind them, where known."""
    if isinstance(value, OwnName) and value.target.path:
        return _owned(value, setting) or value
    if isinstance(value, Applied):
        positional = tuple(with_definitions(item, setting) for item in value.positional)
        return replace(value, positional=positional)
    return value


def _owned(value: OwnName, setting: Setting) -> Own | None:
    first, *rest = value.target.path
    thing = setting.own.find(value.target.module, first)
    if thing.kind not in {Kind.CLASS, Kind.FUNCTION}:
        return None
    node: ast.AST | None = thing.node
    around = list(thing.target.path)
    for name in rest:
        inner = setting.definition(".".join([*around, name]), thing.target.module)
        node = inner
        around.append(name)
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return None
    made_in = ".".join(around[:-1])
    return Own(module=thing.target.module, node=node, made_in=made_in)
