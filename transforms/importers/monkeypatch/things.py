"""What a target of vLLM is, as its source has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transforms.importers.monkeypatch.classes import member_of
from transforms.importers.monkeypatch.resolution import Kind, Thing
from transforms.importers.monkeypatch.values import External, Upstream

if TYPE_CHECKING:
    from transforms.importers.monkeypatch.resolution import Library
    from transforms.importers.monkeypatch.values import Target, Value


def thing_at(target: Target, library: Library) -> Thing:
    """Find what is at a target, as a module binds it or a class has it.

    Args:
        target: where it is; a name that a module has imported is followed to its definition.
        library: the package that it is of.
    """
    if not target.path:
        return library.module(target.module)
    thing = library.find(target.module, target.path[0])
    for name in target.path[1:]:
        if thing.kind is Kind.CLASS:
            thing = member_of(thing, name, library).thing
        elif thing.kind is Kind.MODULE:
            thing = library.find(thing.target.module, name)
        else:
            return Thing(kind=Kind.DYNAMIC, target=target)
    return thing


def as_value(thing: Thing) -> Value:
    """Give a thing of vLLM as a value."""
    if thing.kind is Kind.EXTERNAL:
        return External(dotted=thing.target.module)
    return Upstream(target=thing.target)
