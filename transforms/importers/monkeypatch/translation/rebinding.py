"""A name that a module of vLLM imports, and that the plugin binds to something of its own."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from transforms.edits import InsertAfter, Remove, Replace
from transforms.engine.patterns.metavariables import PatternError
from transforms.engine.syntax.indentation import flush_left
from transforms.importers.monkeypatch.translation.defined import defined_at
from transforms.importers.monkeypatch.translation.functions import code_of
from transforms.importers.monkeypatch.translation.handing_on import arguments, called, handed_on
from transforms.importers.monkeypatch.translation.localised import localised
from transforms.importers.monkeypatch.translation.marks import standing_aside
from transforms.importers.monkeypatch.translation.result import CannotError
from transforms.importers.monkeypatch.translation.setting import Original
from transforms.importers.monkeypatch.translation.shrinking import why_not
from transforms.importers.monkeypatch.translation.statements import Import, written

if TYPE_CHECKING:
    from transforms.engine.edit import Edit
    from transforms.importers.monkeypatch.mutation import Mutation
    from transforms.importers.monkeypatch.resolution import Thing
    from transforms.importers.monkeypatch.translation.code import Code
    from transforms.importers.monkeypatch.translation.found import Found
    from transforms.importers.monkeypatch.translation.functions import Replacement
    from transforms.importers.monkeypatch.translation.setting import Setting
    from transforms.importers.monkeypatch.values import Own


def bound_to_function(
    taking: Replacement, mutation: Mutation, found: Found, thing: Thing, setting: Setting
) -> tuple[tuple[Edit, ...], Code]:
    """Write the edits that define a function where a module has imported one.

    Args:
        taking: the function of the plugin.
        mutation: what assigns it.
        found: the imported name.
        thing: what it stands for in vLLM.
        setting: all that is read.

    Raises:
        CannotError: the import stands under a condition, or the edits do not apply.
    """
    originals = {defined_at(item, setting) for item in mutation.captured.values()}
    if thing.target not in originals:
        code = code_of(taking, mutation, found, setting)
        return _defined(found, code.text, setting, ""), code
    name, own = found.target.path[-1], taking.own.node
    if isinstance(own, ast.ClassDef):
        raise CannotError(f"{own.name} is a class, not a function")
    known = setting.originals.get(thing.target)
    private, imports = f"_wheelwright_original_{name}", ""
    if known is None:
        original = Original(target=found.target, private=private)
        setting = replace(setting, originals={**setting.originals, thing.target: original})
    else:
        # The definition has another function of the plugin, and kept its own under that name.
        imports = f"from {known.target.module} import {known.private} as {private}\n"
    call = called(private, arguments(own, thing.node))
    instead = f"{imports}{handed_on(call, own, thing.node)}"
    first = standing_aside(name, instead)
    code = code_of(taking, mutation, found, setting, first=first)
    return _defined(found, code.text, setting, "" if known else private), code


def _defined(found: Found, code: str, setting: Setting, original: str) -> tuple[Edit, ...]:
    """Write the edits that define a function, and give the imported one another name, if any."""
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
    rest = [
        ast.alias(alias.name, original) if (alias.asname or alias.name) == name else alias
        for alias in statement.names
        if original or (alias.asname or alias.name) != name
    ]
    new = _import_of(statement, rest) if rest else ""
    module = found.target.module
    last = imports[-1]
    block = f"\n\n\n{code}\n\n"
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
    reason = why_not(edits, setting)
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
    lines = written([imported])
    if support and isinstance(own.node, ast.ClassDef):
        # The plugin's own class of that name is another one, and its functions know that one.
        lines.append(standing_aside(bound, f'{bound} = globals()["{bound}"]'))
    return localised(bound, lines, found.target.module, setting), support
