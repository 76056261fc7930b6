"""The originals that are still needed when the plugin has taken their names."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.engine.syntax.definition import Function
from transforms.engine.syntax.enclosing import enclosing
from transforms.engine.writing.wrapper import Wrapper
from transforms.importers.monkeypatch.mutation import Form
from transforms.importers.monkeypatch.resolution import Kind
from transforms.importers.monkeypatch.translation.defined import defined_at
from transforms.importers.monkeypatch.translation.found import find
from transforms.importers.monkeypatch.translation.result import CannotError
from transforms.importers.monkeypatch.translation.setting import Original
from transforms.importers.monkeypatch.values import Own

if TYPE_CHECKING:
    from collections.abc import Iterable

    from transforms.importers.monkeypatch.mutation import Mutation
    from transforms.importers.monkeypatch.translation.found import Found
    from transforms.importers.monkeypatch.translation.setting import Setting
    from transforms.importers.monkeypatch.values import Target

_NOT_REPLACED = {Form.SAVE_ORIGINAL, Form.DELETE, Form.OWN_TARGET, Form.THIRD_PARTY, Form.INSTANCE}


def originals_of(mutations: Iterable[Mutation], setting: Setting) -> dict[Target, Original]:
    """Find the originals that some code of the plugin still calls, and how it will reach them.

    Args:
        mutations: all of them.
        setting: all that is read.
    """
    mutations = [item for item in mutations if not item.dead and item.target is not None]
    wanted = {
        defined_at(target, setting)
        for mutation in mutations
        for target in mutation.captured.values()
        if target.path
    }
    found: dict[Target, Original] = {}
    for mutation in mutations:
        target = mutation.target
        if target is None or not target.path or mutation.form in _NOT_REPLACED:
            continue
        if mutation.form is Form.REBIND_IMPORT or isinstance(
            getattr(mutation.value, "node", None), ast.ClassDef
        ):
            continue
        where = defined_at(target, setting)
        if where not in wanted and target not in wanted:
            continue
        original = _original(target, setting)
        if original is not None:
            found[where] = original
            found[target] = original
    return found


def _original(target: Target, setting: Setting) -> Original | None:
    if setting.library.find(target.module, target.path[0]).kind is Kind.ABSENT:
        return None
    try:
        there = find(target, setting)
    except CannotError:
        return None
    if isinstance(there.node, Function):
        return Original(target=there.target, private=private_name(there))
    return Original(target=there.target) if there.owner is not None else None


def private_name(found: Found) -> str:
    """Give the name that an original gets beside the function that takes its own."""
    node = found.node
    if not isinstance(node, Function):
        raise TypeError(f"{found.inside} is no function")
    outer = tuple(enclosing(found.source.module, node)[:-1])
    return Wrapper(public=node, original=node, outer=outer, source=found.source).private


def classes_placed(
    mutations: Iterable[Mutation], setting: Setting
) -> dict[tuple[str, str], Target]:
    """Find the classes of the plugin that will be definitions in vLLM, and where."""
    found: dict[tuple[str, str], Target] = {}
    for mutation in mutations:
        value, target = mutation.value, mutation.target
        if mutation.dead or target is None or not isinstance(value, Own):
            continue
        is_class = isinstance(value.node, ast.ClassDef)
        is_own = is_class and setting.plugin.is_read(value.module) and len(target.path) == 1
        if is_own and mutation.form in {Form.SUBCLASS_AND_REBIND, Form.REPLACE_CLASS}:
            found[(value.module, value.node.name)] = target  # type: ignore[union-attr]
    return found
