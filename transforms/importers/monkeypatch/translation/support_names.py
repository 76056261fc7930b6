"""What the names of a support module need: other names, imports, originals."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.engine.syntax.modules import imported_module
from transforms.importers.monkeypatch.translation.hoisting import hoisted
from transforms.importers.monkeypatch.translation.needs import Supplier
from transforms.importers.monkeypatch.translation.statements import Assignment, Import
from transforms.importers.monkeypatch.translation.uses import bound_by, free_names
from transforms.importers.monkeypatch.values import Upstream

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from transforms.importers.monkeypatch.translation.setting import Setting


def needed_by(name: str, module: str, setting: Setting) -> list[tuple[str, str]]:
    """Give what the statements that bind a name ask for."""
    if ":" in name:
        function, _, made = name.partition(":")
        expression = hoisted(setting, module, function, made)
        closure = setting.closures.get((module, function), {})
        nodes = [expression] if expression else []
        return [item for item in _of_module(nodes, module, setting) if item[1] not in closure]
    if special(name, module, setting) is not None:
        return []
    found: list[tuple[str, str]] = []
    for statement in binding(name, setting.support_source(module).module.body):
        if isinstance(statement, ast.ImportFrom):
            found += _imported(statement, name, module, setting)
        elif not isinstance(statement, ast.Import):
            found += _of_module([statement], module, setting)
    return found


def _of_module(nodes: Iterable[ast.AST], module: str, setting: Setting) -> list[tuple[str, str]]:
    """Give the names of its module that code asks for."""
    names = free_names(nodes, annotations=True)
    return [(module, name) for name in names if setting.bindings_of(module, name)]


def _imported(
    statement: ast.ImportFrom, name: str, module: str, setting: Setting
) -> list[tuple[str, str]]:
    """Give what is imported from another patch module: its support module has that."""
    base = imported_module(statement, setting.plugin_source(module).path)
    return [
        (base, alias.name)
        for alias in statement.names
        if (alias.asname or alias.name) == name and setting.plugin.is_read(base)
        if setting.plugin.source(f"{base}.{alias.name}") is None
    ]


def special(
    name: str, module: str, setting: Setting
) -> tuple[Import | None, Assignment | None] | None:
    """Give what binds an original, or a class that is in vLLM now; None for all other names."""
    supplier = Supplier(setting=setting, module=module, closure={}, captured={}, into="")
    placed = setting.placed.get((module, name))
    if placed is not None:
        return Import(module=placed.module, name=placed.path[0], alias=name), None
    value = setting.lookup(module, name)
    if not isinstance(value, Upstream) or not value.target.path:
        return None
    need = supplier.need(name)
    if need.original is None:
        return None
    return need.imported, need.assigned


def binding(name: str, body: Sequence[ast.stmt]) -> list[ast.stmt]:
    """Give the statements that bind a name, those in conditions with what they stand in."""
    return [item for item in body if name in set(bound_by(item))]
