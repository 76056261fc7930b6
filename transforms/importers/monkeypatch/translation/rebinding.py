"""A name that a module of vLLM imports, and that the plugin binds to something of its own."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.edits import InsertAfter, Remove, Replace
from transforms.engine.patterns.metavariables import PatternError
from transforms.engine.syntax.indentation import flush_left
from transforms.importers.monkeypatch.translation.localised import localised
from transforms.importers.monkeypatch.translation.result import CannotError
from transforms.importers.monkeypatch.translation.shrinking import why_not
from transforms.importers.monkeypatch.translation.statements import Import, written

if TYPE_CHECKING:
    from transforms.engine.edit import Edit
    from transforms.importers.monkeypatch.translation.found import Found
    from transforms.importers.monkeypatch.translation.setting import Setting
    from transforms.importers.monkeypatch.values import Own


def bound_to_function(found: Found, code: str, setting: Setting) -> tuple[Edit, ...]:
    """Write the edits that define a function where a module has imported one.

    Args:
        found: the imported name.
        code: the function, flush left.
        setting: all that is read.

    Raises:
        CannotError: the import stands under a condition, or the edits do not apply.
    """
    name = found.target.path[-1]
    body = found.source.module.body
    imports = [item for item in body if isinstance(item, (ast.Import, ast.ImportFrom))]
    here = [
        item
        for item in imports
        if any((alias.asname or alias.name).partition(".")[0] == name for alias in item.names)
    ]
    if len(here) != 1:
        raise CannotError(f"{found.target.module} imports {name!r} in {len(here)} places")
    source = found.source
    (statement,) = here
    old = flush_left(source.span(statement), source)
    rest = [alias for alias in statement.names if (alias.asname or alias.name) != name]
    new = _import_of(statement, rest) if rest else ""
    module = found.target.module
    last = imports[-1]
    block = f"\n\n{code}\n\n"
    try:
        edits: tuple[Edit, ...]
        if statement is last:
            replacement = f"{new}{block}" if new else f"{code}\n\n"
            edits = (Replace(inside=module, find=old, replace=replacement),)
        else:
            anchor = flush_left(source.span(last), source)
            first: Edit = (
                Replace(inside=module, find=old, replace=new)
                if new
                else Remove(inside=module, find=old)
            )
            edits = (first, InsertAfter(inside=module, anchor=anchor, code=block))
    except (PatternError, ValueError) as error:
        raise CannotError(str(error)) from error
    reason = why_not(edits, setting.tree, setting.release)
    if reason:
        raise CannotError(reason)
    return edits


def _import_of(statement: ast.Import | ast.ImportFrom, names: list[ast.alias]) -> str:
    if isinstance(statement, ast.ImportFrom):
        module = "." * statement.level + (statement.module or "")
        found = [Import(module=module, name=item.name, alias=item.asname or "") for item in names]
    else:
        found = [Import(module=item.name, alias=item.asname or "") for item in names]
    return "\n".join(written(found))


def bound_to_object(
    found: Found, own: Own, setting: Setting
) -> tuple[tuple[Edit, ...], frozenset[tuple[str, str]]]:
    """Write the edits that let a module's functions find a class or kernel of the plugin.

    Args:
        found: the name in the module of vLLM.
        own: the class, or the function that a decorator has made something else of.
        setting: all that is read.

    Returns:
        The edits, and the names that support modules must have.

    Raises:
        CannotError: the module needs it when it is imported.
    """
    if own.made_in:
        raise CannotError(f"no module has it: {own.made_in} makes it")
    name = getattr(own.node, "name", "")
    module, support = own.module, frozenset[tuple[str, str]]()
    if setting.plugin.is_read(module):
        support = frozenset({(module, name)})
        module = setting.support_module(module)
    bound = found.target.path[-1]
    imported = Import(module=module, name=name, alias="" if name == bound else bound)
    (statement,) = written([imported])
    return localised(bound, statement, found.target.module, setting), support
