"""The names of a module, class or function of the plugin while it is executed."""

from __future__ import annotations

from collections import ChainMap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ast
    from collections.abc import MutableMapping

    from transforms.importers.monkeypatch.mutation import Guard, Place
    from transforms.importers.monkeypatch.values import Own, Target, Value


@dataclass(slots=True, eq=False)
class Frame:
    """The names of a module, class or function that is being executed.

    Attributes:
        module: the plugin's module.
        path: its file.
        names: what is bound.
        closure: what the functions around have bound.
        made_in: the qualified name; empty for a module.
        call: where the function was called from, as its arguments came from there.
        given: its parameters.
        shared: the names that it declares `global`.
        returned: what it has returned.
        left: for every `return` in a branch, the conditions of that branch.
        parts: what it has assigned to attributes of its parameters.
        node: the function or class; None for a module.
        is_class: it is the body of a class.
    """

    module: str
    path: str
    names: dict[str, Value] = field(default_factory=dict)
    closure: MutableMapping[str, Value] = field(default_factory=dict)
    made_in: str = ""
    call: Place | None = None
    given: frozenset[str] = frozenset()
    shared: set[str] = field(default_factory=set)
    returned: list[Value] = field(default_factory=list)
    left: list[tuple[Guard, ...]] = field(default_factory=list)
    parts: list[tuple[Value, str, Value]] = field(default_factory=list)
    node: ast.AST | None = None
    is_class: bool = False

    def around(self) -> MutableMapping[str, Value]:
        """Give the names that a function which is made here closes over."""
        if self.is_class:
            return self.closure
        return ChainMap(self.names, self.closure) if self.made_in else {}


@dataclass(frozen=True, slots=True)
class Made:
    """A function of the plugin, and the conditions under which it was made."""

    value: Own
    frame: Frame
    guards: tuple[Guard, ...]
    dead: str


@dataclass(slots=True)
class Snapshot:
    """What a branch may change, and what a branch that is not taken must not."""

    names: list[tuple[Frame, dict[str, Value]]]
    patched: dict[Target, Value]
    notes: dict[tuple[int, str], Value]
    modules: dict[str, Frame]
