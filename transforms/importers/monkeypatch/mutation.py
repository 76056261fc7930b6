"""One thing that a plugin does to vLLM while it runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ast
    from collections.abc import Mapping

    from transforms.importers.monkeypatch.values import Target, Value


class Form(str, Enum):
    """What kind of change it is; the words are those of the table."""

    WRAP = "wrap the original"
    REPLACE_METHOD = "replace a method"
    REPLACE_FUNCTION = "replace a function"
    INSERT_CLASS_ATTRIBUTE = "insert an attribute on a class"
    INSERT_MODULE_ATTRIBUTE = "insert an attribute on a module"
    OVERRIDE_INHERITED = "override an inherited method"
    REBIND_IMPORT = "rebind at an import site"
    SUBCLASS_AND_REBIND = "subclass and rebind"
    REPLACE_CLASS = "replace a class"
    REGISTRY_ENTRY = "registry entry"
    CONSTANT = "constant"
    PROPERTY = "property"
    SAVE_ORIGINAL = "save the original"
    PYDANTIC_FIELD = "pydantic field"
    DELETE = "delete an attribute"
    THIRD_PARTY = "third-party target"
    OWN_TARGET = "target of the plugin's own"
    INSTANCE = "instance or call-time"
    HOOK = "import hook"
    OTHER = "other"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where the plugin does it: a file of the plugin's tree, and a 1-based line."""

    file: str
    line: int

    def __str__(self) -> str:
        """Give the place as messages show it."""
        return f"{self.file}:{self.line}"


class Asked(str, Enum):
    """What a condition that stays in the code asks for."""

    ENVIRONMENT = "environment"
    PRESENCE = "presence"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """A condition that no build can know, under which the plugin does it.

    Attributes:
        condition: as the plugin wrote it.
        negated: it is done where the condition does not hold.
        asks: what it asks for; a build refuses what it does not know.
        names: what the condition's names hold.
    """

    condition: ast.expr = field(hash=False)
    asks: Asked
    negated: bool = False
    names: Mapping[str, Value] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """One change of one attribute, module, class or registry.

    Attributes:
        place: where the plugin does it.
        form: what kind of change it is.
        target: what is changed; None where it belongs to nobody that can be named.
        spelled: the target as the plugin wrote it.
        value: what it becomes.
        guards: the conditions that stay.
        captured: the originals that the value closes over, by the name that each has in there;
            ``self.name`` for one that was saved as an attribute.
        processes: the kinds of process in which the plugin's own way does it.
        order: its number among all mutations, in the order in which the plugin does them.
        dead: why it never has an effect; empty where it has.
        why_not: why nothing can be said of it without running it; empty where it can.
        inside: the form that it has when the module is imported, where it is an import hook.
        outside: what imports the module, where none of the roots does.
    """

    place: Place
    form: Form
    target: Target | None
    spelled: str
    value: Value
    guards: tuple[Guard, ...] = ()
    captured: Mapping[str, Target] = field(default_factory=dict, hash=False)
    processes: frozenset[str] = frozenset()
    order: int = 0
    dead: str = ""
    why_not: str = ""
    inside: Form | None = None
    outside: str = ""
