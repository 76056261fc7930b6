"""What a function of the plugin binds once, for a support module to bind when it is imported."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transforms.importers.monkeypatch.translation.setting import Setting


def hoisted_name(function: str, name: str) -> str:
    """Name what a function has bound, in a support module."""
    return f"_{function.replace('.<locals>', '').replace('.', '_').strip('_')}_{name}"


def hoisted(setting: Setting, module: str, function: str, name: str) -> ast.expr | None:
    """Give the expression that a function of the plugin binds a name to, once and for all."""
    node = setting.definition(function, module) if function else None
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return None
    stored = [
        item
        for item in ast.walk(node)
        if isinstance(item, ast.Name) and item.id == name and not isinstance(item.ctx, ast.Load)
    ]
    made = [
        item.value
        for item in node.body
        if isinstance(item, ast.Assign) and len(item.targets) == 1
        if isinstance(item.targets[0], ast.Name) and item.targets[0].id == name
    ]
    return made[0] if len(made) == len(stored) == 1 else None
