"""An entry that the plugin puts into a registry of vLLM."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.edits import InsertAfter
from transforms.engine.patterns.metavariables import PatternError
from transforms.engine.syntax.parsed import parsed_expression
from transforms.importers.monkeypatch.translation.functions import code_of, replacement_of
from transforms.importers.monkeypatch.translation.marks import last_statement
from transforms.importers.monkeypatch.translation.result import CannotError
from transforms.importers.monkeypatch.translation.shrinking import why_not

if TYPE_CHECKING:
    from transforms.engine.edit import Edit
    from transforms.importers.monkeypatch.mutation import Mutation
    from transforms.importers.monkeypatch.translation.code import Code
    from transforms.importers.monkeypatch.translation.found import Found
    from transforms.importers.monkeypatch.translation.setting import Setting
    from transforms.importers.monkeypatch.values import Value


def registered(
    mutation: Mutation, value: Value, found: Found, setting: Setting
) -> tuple[tuple[Edit, ...], Code]:
    """Write the edit that adds a function to a registry, at the end of its module.

    Args:
        mutation: the mutation.
        value: what is registered.
        found: the registry.
        setting: all that is read.

    Raises:
        CannotError: the key is computed, or the value is no function.
    """
    spelled = parsed_expression(mutation.spelled)
    if not isinstance(spelled, ast.Subscript) or not isinstance(spelled.slice, ast.Constant):
        raise CannotError(f"the key of {mutation.spelled} is not written out")
    taking = replacement_of(value)
    if taking is None:
        raise CannotError("what it registers is no function of the plugin")
    key = spelled.slice.value
    registry = ".".join(found.target.path)
    plain = "".join(item if item.isalnum() else "_" for item in str(key))
    name = f"_wheelwright_{found.target.path[-1].strip('_')}_{plain}"
    place = type(found)(
        target=type(found.target)(module=found.target.module, path=(name,)),
        source=found.source,
        node=None,
        owner=None,
    )
    code = code_of(taking, mutation, place, setting)
    anchor = last_statement(found.source)
    try:
        edit = InsertAfter(
            inside=found.target.module,
            anchor=anchor,
            code=f"\n\n\n{code.text}\n\n\n{registry}[{key!r}] = {name}",
        )
    except (PatternError, ValueError) as error:
        raise CannotError(str(error)) from error
    reason = why_not((edit,), setting)
    if reason:
        raise CannotError(reason)
    return (edit,), code
