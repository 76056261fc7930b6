"""Conditions that stay in the code, since no build can know them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.importers.monkeypatch.mutation import Asked
from transforms.importers.monkeypatch.translation.needs import Supplier
from transforms.importers.monkeypatch.translation.result import CannotError, NeedsHintError
from transforms.importers.monkeypatch.translation.statements import Assignment, Import, written
from transforms.importers.monkeypatch.translation.uses import free_names

if TYPE_CHECKING:
    from transforms.importers.monkeypatch.mutation import Guard, Mutation
    from transforms.importers.monkeypatch.translation.setting import Setting


def refuse_unknown(mutation: Mutation) -> None:
    """Refuse a condition of which nobody knows what it asks for.

    Raises:
        NeedsHintError: it names what would settle it.
    """
    for guard in mutation.guards:
        if guard.asks is Asked.UNKNOWN:
            names = ", ".join(free_names([guard.condition]))
            text = ast.unparse(guard.condition)
            raise NeedsHintError(f"say what holds of `{text}`: --define for {names}")


def condition_of(
    mutation: Mutation, module: str, into: str, setting: Setting
) -> tuple[list[str], str, frozenset[tuple[str, str]]]:
    """Write the conditions of a mutation for the inside of a function.

    Args:
        mutation: the mutation.
        module: the plugin's module that the conditions stand in.
        into: the module of vLLM that they will stand in.
        setting: all that is read.

    Returns:
        The statements that they need, the condition (empty for none), and the names that support
        modules must have.

    Raises:
        CannotError: they need what is not there.
    """
    imports: list[Import] = []
    assigned: list[Assignment] = []
    support: set[tuple[str, str]] = set()
    parts: list[str] = []
    for guard in mutation.guards:
        supplier = Supplier(
            setting=setting,
            module=module,
            closure=guard.names if _is_local(guard, module, setting) else {},
            captured={},
            into=into,
        )
        for name in free_names([guard.condition]):
            need = supplier.need(name)
            if need.why_not:
                raise CannotError(f"its condition cannot be asked there: {need.why_not}")
            if need.imported:
                imports.append(need.imported)
            if need.assigned:
                assigned.append(need.assigned)
            if need.support:
                support.add(need.support)
        text = ast.unparse(guard.condition)
        parts.append(f"not ({text})" if guard.negated else f"({text})")
    if len(parts) == 1 and parts[0].startswith("("):
        parts = [parts[0][1:-1]]
    return written(imports, assigned), " and ".join(parts), frozenset(support)


def _is_local(guard: Guard, module: str, setting: Setting) -> bool:
    """Tell whether a condition stands in a function, so that its names are not the module's."""
    return any(not setting.bindings_of(module, name) for name in guard.names)
