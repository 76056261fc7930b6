"""A value, not a function or class, that a module or class of vLLM gets."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.edits import AddMember, InsertAfter, Remove, SetConstant
from transforms.engine.patterns.metavariables import PatternError
from transforms.engine.syntax.bindings import bindings
from transforms.engine.syntax.definition import Function
from transforms.engine.syntax.indentation import flush_left
from transforms.importers.monkeypatch.translation.defined import defined_at
from transforms.importers.monkeypatch.translation.marks import last_statement
from transforms.importers.monkeypatch.translation.needs import Supplier
from transforms.importers.monkeypatch.translation.result import CannotError, NeedsNothingError
from transforms.importers.monkeypatch.translation.shrinking import why_not
from transforms.importers.monkeypatch.values import Applied, Collected, Constant, Upstream

if TYPE_CHECKING:
    from transforms.engine.edit import Edit
    from transforms.importers.monkeypatch.mutation import Mutation
    from transforms.importers.monkeypatch.translation.found import Found
    from transforms.importers.monkeypatch.translation.setting import Setting
    from transforms.importers.monkeypatch.values import Value

_LITERAL = (bool, int, float, complex, str, bytes, type(None), tuple, list, dict, set, frozenset)


def constant_set(
    mutation: Mutation, value: Value, module: str, found: Found, setting: Setting
) -> tuple[Edit, ...]:
    """Write the edit that gives a name of a module or class another value.

    Args:
        mutation: the mutation.
        value: what it becomes.
        module: the plugin's module that says so.
        found: the place in vLLM.
        setting: all that is read.

    Raises:
        CannotError: nobody can write the value, or the edit does not apply.
    """
    text = expression_of(value, module, found.target.module, setting)
    name = found.target.path[-1]
    scope: ast.AST = found.owner or found.source.module
    bound = [item for item in bindings(ast.Module(scope.body, [])) if item.name == name]  # type: ignore[attr-defined]
    edit: Edit
    try:
        if bound:
            edit = SetConstant(inside=found.around, name=name, value=text)
        elif found.owner is not None:
            edit = AddMember(inside=found.around, code=f"{name} = {text}")
        else:
            anchor = last_statement(found.source)
            code = f"\n\n{name} = {text}"
            edit = InsertAfter(inside=found.target.module, anchor=anchor, code=code)
    except (PatternError, ValueError) as error:
        raise CannotError(f"{mutation.spelled}: {error}") from error
    return _proven((edit,), setting)


def original_saved(mutation: Mutation, found: Found, setting: Setting) -> tuple[Edit, ...]:
    """Write the edit that keeps an original under the name that the plugin gives it.

    Raises:
        CannotError: the original cannot be named where the class is made.
    """
    value = mutation.value
    if not isinstance(value, Upstream) or found.owner is None:
        raise CannotError("what it saves is no method")
    where = defined_at(value.target, setting)
    name = found.target.path[-1]
    known = setting.originals.get(where) or setting.originals.get(
        found.target.__class__(
            module=found.target.module, path=(*found.target.path[:-1], value.target.path[-1])
        )
    )
    own = [item for item in found.owner.body if isinstance(item, Function)]
    method = where.path[-1]
    if where.path[:-1] == found.target.path[:-1] and where.module == found.target.module:
        if not any(item.name == method for item in own):
            raise CannotError(f"{found.around} has no method {method!r} of its own")
        private = known.private if known is not None and known.private else method
        edit: Edit = AddMember(inside=found.around, code=f"{name} = {private}", after=method)
        return _proven((edit,), setting)
    owner = where.path[0]
    there = setting.bound_in_vllm(found.target.module, owner)
    if there is None or (there.target.module, there.target.path) != (where.module, where.path[:1]):
        raise CannotError(f"{found.target.module} has no name for {owner}")
    edit = AddMember(inside=found.around, code=f"{name} = {'.'.join(where.path)}")
    return _proven((edit,), setting)


def deleted(found: Found, setting: Setting) -> tuple[Edit, ...]:
    """Write the edit that takes an attribute away.

    Raises:
        CannotError: it is not one statement.
    """
    name = found.target.path[-1]
    scope: ast.AST = found.owner or found.source.module
    body: list[ast.stmt] = scope.body  # type: ignore[attr-defined]
    there = [
        item for item in body if [each.name for each in bindings(ast.Module([item], []))] == [name]
    ]
    if len(there) != 1:
        raise CannotError(f"{len(there)} statements bind {name!r}")
    code = flush_left(found.source.statement_span(there[0]), found.source)
    try:
        return _proven((Remove(inside=found.around, find=code),), setting)
    except (PatternError, ValueError) as error:
        raise CannotError(str(error)) from error


def expression_of(value: Value, module: str, into: str, setting: Setting) -> str:
    """Write a value where a module of vLLM can evaluate it.

    Args:
        value: the value.
        module: the plugin's module that says so.
        into: the module of vLLM.
        setting: all that is read.

    Raises:
        CannotError: it needs what that module does not have.
    """
    if isinstance(value, Constant) and isinstance(value.value, _LITERAL):
        return repr(value.value)
    if isinstance(value, Upstream):
        where = defined_at(value.target, setting)
        if where.module == into:
            return ".".join(where.path)
    if isinstance(value, (Applied, Collected)):
        supplier = Supplier(setting=setting, module=module, closure={}, captured={}, into=into)
        names = {item.id for item in ast.walk(value.node) if isinstance(item, ast.Name)}
        if all(supplier.need(name).is_nothing for name in names):
            return ast.unparse(value.node)
    raise CannotError("its value cannot be written in vLLM's module without imports of its own")


def _proven(edits: tuple[Edit, ...], setting: Setting) -> tuple[Edit, ...]:
    reason = why_not(edits, setting)
    if reason == "what it would write is already there":
        raise NeedsNothingError("vLLM has that value already")
    if reason:
        raise CannotError(reason)
    return edits
