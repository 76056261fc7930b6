"""The originals that a replacement closes over."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.engine.syntax.definition import Function
from transforms.importers.monkeypatch.values import (
    Applied,
    Either,
    Own,
    Upstream,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.importers.monkeypatch.machine import Machine
    from transforms.importers.monkeypatch.values import Target, Value

_Function = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def captured_by(value: Value, to: Target, machine: Machine) -> dict[str, Target]:
    """Give the originals that a value closes over, by the name that each has in it.

    A function that the value calls is of the same module and counts with it. What the plugin has
    assigned to the same target before counts as the original: it is wrapped once more.

    Args:
        value: what is assigned.
        to: what it is assigned to.
        machine: what is known.
    """
    found: dict[str, Target] = {}
    seen: set[int] = set()
    waiting = [value]
    while waiting:
        item = waiting.pop(0)
        if isinstance(item, Applied):
            inside = (*item.positional, *item.keywords.values())
            waiting += [item.function, *inside]
            for inner in inside:
                if isinstance(inner, Upstream):
                    found.setdefault(f"<{inner.target.dotted}>", inner.target)
        elif isinstance(item, Own) and id(item.node) not in seen:
            seen.add(id(item.node))
            if not isinstance(item.node, ast.ClassDef):
                waiting += _close_over(item, to, found, machine)
    return found


def _close_over(
    function: Own, to: Target, found: dict[str, Target], machine: Machine
) -> list[Value]:
    """Note the originals of one function, and give the functions that it asks for."""
    others: list[Value] = []
    for name, held in _held(function, machine):
        for one in held.values if isinstance(held, Either) else (held,):
            target = _original(one, function, to, machine)
            if target is not None:
                found.setdefault(name, target)
            elif isinstance(one, (Own, Applied)):
                others.append(one)
    for name in _attributes(function.node):
        if name in machine.saved:
            found.setdefault(f"self.{name}", machine.saved[name])
    return others


def _original(value: Value, within: Own, to: Target, machine: Machine) -> Target | None:
    if isinstance(value, Upstream):
        return value.target if value.target.path else None
    if isinstance(value, (Own, Applied)) and value.node is not within.node:
        before = machine.patched.get(to)
        held = before.values if isinstance(before, Either) else (before,)
        if value in held:
            return to
    return None


def _held(own: Own, machine: Machine) -> Iterator[tuple[str, Value]]:
    """Give the names that a function asks the code around it for, and what they hold."""
    module = machine.modules.get(own.module) or machine.read.get(own.module)
    frames = [frame.names for frame in reversed(machine.stack) if frame.module == own.module]
    for name in free_names(own.node):
        for names in (own.names, *([module.names] if module else []), *frames):
            if name in names:
                yield name, names[name]
                break


def free_names(node: ast.AST) -> list[str]:
    """Give the names that a function reads and does not bind itself, in the order of its text."""
    shared = {
        name
        for item in ast.walk(node)
        if isinstance(item, (ast.Global, ast.Nonlocal))
        for name in item.names
    }
    bound: set[str] = set()
    read: dict[str, None] = {}
    outside = _outside(node)
    for item in ast.walk(node):
        if id(item) in outside:
            continue
        if isinstance(item, ast.arg):
            bound.add(item.arg)
        elif isinstance(item, ast.Name):
            if isinstance(item.ctx, ast.Load):
                read.setdefault(item.id)
            else:
                bound.add(item.id)
        elif isinstance(item, ast.alias):
            bound.add(item.asname or item.name.partition(".")[0])
        elif isinstance(item, (ast.ClassDef, *_FUNCTIONS)) and item is not node:
            bound.add(item.name)
    return [name for name in read if name not in bound - shared]


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def _outside(node: ast.AST) -> set[int]:
    """Give the nodes of a function that run where it is made: decorators and annotations."""
    if not isinstance(node, Function):
        return set()
    arguments = node.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += [item for item in (arguments.vararg, arguments.kwarg) if item is not None]
    parts = [*node.decorator_list, *(item.annotation for item in every), node.returns]
    return {id(inner) for part in parts if part is not None for inner in ast.walk(part)}


def _attributes(node: ast.AST) -> Iterator[str]:
    """Give the attributes that a function reads, also by `getattr` with a text."""
    for item in ast.walk(node):
        if isinstance(item, ast.Attribute) and isinstance(item.ctx, ast.Load):
            yield item.attr
        elif (
            isinstance(item, ast.Call)
            and getattr(item.func, "id", "") == "getattr"
            and len(item.args) > 1
            and isinstance(item.args[1], ast.Constant)
        ):
            yield str(item.args[1].value)
