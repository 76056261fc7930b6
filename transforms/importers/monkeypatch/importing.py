"""Imports of a patch module: of vLLM, of other packages, and of the plugin's own modules."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.engine.syntax.modules import imported_module, module_file
from transforms.engine.syntax.source import SourceError
from transforms.importers.monkeypatch.attributes import attribute, note_doubt, of_own_name
from transforms.importers.monkeypatch.frames import Frame
from transforms.importers.monkeypatch.resolution import Kind
from transforms.importers.monkeypatch.rows import emit_unreadable
from transforms.importers.monkeypatch.things import thing_at
from transforms.importers.monkeypatch.values import (
    Constant,
    External,
    Own,
    OwnName,
    Target,
    Unknown,
    Upstream,
)

if TYPE_CHECKING:
    from transforms.importers.monkeypatch.machine import Machine
    from transforms.importers.monkeypatch.values import Value


def execute_import(statement: ast.Import, machine: Machine) -> None:
    """Execute `import a.b` and `import a.b as c`.

    Args:
        statement: the import.
        machine: what is known.
    """
    for item in statement.names:
        bound = item.asname or item.name.partition(".")[0]
        whole = _module(item.name, machine)
        _import_for_effect(item.name, machine)
        machine.bind(bound, whole if item.asname else _module(bound, machine, imports=False))


def execute_from(statement: ast.ImportFrom, machine: Machine) -> None:
    """Execute `from a.b import c`.

    Args:
        statement: the import.
        machine: what is known.
    """
    module = imported_module(statement, machine.frame.path)
    holder = _module(module, machine)
    is_there = module_file(module, machine.plugin.tree) is not None
    if is_there and machine.own.names(module) is None:
        machine.fail(f"{module} does not parse")
    for item in statement.names:
        if item.name == "*":
            _import_all(holder, machine)
            continue
        if isinstance(holder, Upstream):
            loaded = ast.parse(f"__import__('sys').modules[{module!r}]", mode="eval").body
            note_doubt(holder, item.name, ast.copy_location(loaded, statement), machine)
        machine.bind(item.asname or item.name, _member(holder, item.name, machine))


def _module(dotted: str, machine: Machine, *, imports: bool = True) -> Value:
    top = dotted.partition(".")[0]
    if top == machine.library.package:
        if not machine.library.has_module(dotted):
            machine.fail(f"this release has no module {dotted}")
            return Unknown(why=f"this release has no module {dotted}")
        return Upstream(target=Target(module=dotted))
    if top == machine.plugin.package:
        if imports:
            import_own(dotted, machine)
        return OwnName(target=Target(module=dotted))
    return External(dotted=dotted)


def _member(holder: Value, name: str, machine: Machine) -> Value:
    if isinstance(holder, OwnName) and not holder.target.path:
        submodule = f"{holder.target.module}.{name}"
        frame = machine.modules.get(holder.target.module)
        if machine.own.has_module(submodule):
            if frame is None:
                known = machine.own.find(holder.target.module, name).kind is not Kind.MODULE
            else:
                known = name in frame.names
            if not known:
                import_own(submodule, machine)
                _import_for_effect(submodule, machine)
                return OwnName(target=Target(module=submodule))
        return of_own_name(holder.target, name, machine)
    return attribute(holder, name, machine)


def _import_all(holder: Value, machine: Machine) -> None:
    """Bind the public names of a module."""
    if isinstance(holder, OwnName):
        frame = machine.modules.get(holder.target.module)
        names = frame.names if frame is not None else {}
        for name, value in list(names.items()):
            if not name.startswith("_"):
                machine.bind(name, value)
    elif isinstance(holder, Upstream):
        known = machine.library.names(holder.target.module)
        for name in known.bound if known is not None else ():
            if not name.startswith("_"):
                machine.bind(name, attribute(holder, name, machine))


def import_own(dotted: str, machine: Machine) -> None:
    """Execute a module of the plugin once, after the packages around it, as Python does.

    A module that no root is, or has below it, is not executed: see `helper`.

    Args:
        dotted: the module.
        machine: what is known; the module's names can be read from it afterwards.
    """
    parts = dotted.split(".")
    for length in range(1, len(parts) + 1):
        name = ".".join(parts[:length])
        if machine.plugin.is_read(name):
            _execute_module(name, machine, machine.modules)


def _import_for_effect(dotted: str, machine: Machine) -> None:
    """Execute a module of the plugin that no root is, if it knows vLLM: it may be what patches."""
    if machine.later or machine.plugin.is_read(dotted):
        return
    if machine.own.has_module(dotted) and machine.own.mentions(dotted, machine.library.package):
        _execute_module(dotted, machine, machine.helpers)


def helper(target: Target, machine: Machine) -> Own | None:
    """Read a function of a module that no root is, because it is given something of vLLM's.

    Args:
        target: where the function is.
        machine: what is known.

    Returns:
        The function; None where it is none, or is made by something that is not read.
    """
    thing = thing_at(target, machine.own)
    if thing.kind is not Kind.FUNCTION or len(thing.target.path) != 1:
        return None
    module = thing.target.module
    known = machine.modules if machine.plugin.is_read(module) else machine.helpers
    with machine.unconditionally():
        _execute_module(module, machine, known)
    value = known[module].names.get(thing.target.path[0]) if module in known else None
    return value if isinstance(value, Own) else None


def _execute_module(name: str, machine: Machine, known: dict[str, Frame]) -> None:
    """Execute a module, unless it is known; one that cannot be parsed is a row."""
    if name in known:
        return
    source = machine.sources.get(name) or machine.plugin.source(name)
    if source is None:
        return
    machine.sources[name] = source
    frame = Frame(name, source.path)
    frame.names["__name__"] = Constant(value=name)
    known[name] = frame
    machine.read[name] = frame
    stack, failed = machine.stack, machine.failed
    machine.stack, machine.failed = [], ""
    with machine.inside(frame):
        try:
            machine.execute(source.module.body)
        except SourceError as error:
            emit_unreadable(error, name, machine)
    # A patch module that fails ends itself only: the others are read as if it were not there.
    machine.stack, machine.failed = stack, failed
