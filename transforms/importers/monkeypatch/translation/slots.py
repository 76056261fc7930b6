"""The attribute that a mutation binds, and the originals that it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transforms.importers.monkeypatch.translation.defined import defined_at
from transforms.importers.monkeypatch.translation.owned import with_definitions
from transforms.importers.monkeypatch.values import Own, OwnName, Target, Upstream

if TYPE_CHECKING:
    from transforms.importers.monkeypatch.mutation import Mutation
    from transforms.importers.monkeypatch.translation.setting import Setting


def slot_of(target: Target, setting: Setting) -> Target:
    """Give the attribute that is bound: of the class where that is defined, or of the module."""
    if len(target.path) <= 1:
        return target
    owner = defined_at(Target(module=target.module, path=target.path[:-1]), setting)
    return owner.member(target.path[-1])


def originals_named(mutation: Mutation, setting: Setting) -> set[Target]:
    """Give the originals that a mutation calls or keeps."""
    named = [item for item in mutation.captured.values() if item.path]
    if isinstance(mutation.value, Upstream) and mutation.value.target.path:
        named.append(mutation.value.target)
    return {defined_at(item, setting) for item in named} | set(named)


def same_value(one: Mutation, other: Mutation, setting: Setting) -> bool:
    """Tell whether two mutations assign the same thing of the plugin."""
    mine = with_definitions(one.value, setting)
    theirs = with_definitions(other.value, setting)
    if isinstance(mine, Own) and isinstance(theirs, Own):
        return mine.node is theirs.node
    return isinstance(mine, OwnName) and mine == theirs
