"""What a function of the plugin asks for of the very thing that it takes the place of.

`original = Engine.make` keeps the original under another name. But `Engine.make.__func__` and
`REGISTRY["plain"]` are read again each time where the code stands inside of vLLM, and would be the
plugin's own function.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.importers.monkeypatch.captured import free_names
from transforms.importers.monkeypatch.translation.defined import defined_at
from transforms.importers.monkeypatch.translation.result import CannotError
from transforms.importers.monkeypatch.values import Applied, Own, Part, Target, Upstream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.importers.monkeypatch.translation.setting import Setting
    from transforms.importers.monkeypatch.values import Value


def refuse_parts_of(slot: Target, value: Value, setting: Setting) -> None:
    """Refuse a function that asks for a part of what it replaces.

    Args:
        slot: what it is assigned to.
        value: the function.
        setting: all that is read.

    Raises:
        CannotError: it does, or a function that it calls.
    """
    for name, target in _parts(value, setting):
        if target == slot:
            raise CannotError(f"{name} is a part of what it takes the place of")


def _parts(value: Value, setting: Setting) -> Iterator[tuple[str, Target]]:
    """Give the names of a function, and of those that it calls, for parts of something of vLLM."""
    waiting, seen = [value], set[int]()
    while waiting:
        item = waiting.pop()
        if isinstance(item, Applied):
            waiting += [*item.positional, *item.keywords.values()]
        if not isinstance(item, Own) or isinstance(item.node, ast.ClassDef):
            continue
        if id(item.node) in seen:
            continue
        seen.add(id(item.node))
        for name in free_names(item.node):
            held = item.names.get(name) or setting.lookup(item.module, name)
            if isinstance(held, Part) and isinstance(held.of, Upstream):
                yield name, defined_at(held.of.target, setting)
            elif isinstance(held, Upstream) and len(held.target.path) > 1:
                owner = Target(module=held.target.module, path=held.target.path[:-1])
                yield name, defined_at(owner, setting)
            elif isinstance(held, (Own, Applied)):
                waiting.append(held)
