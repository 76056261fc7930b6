"""The members of a class of vLLM: its own, what it inherits, and what nobody can say."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from transforms.engine.syntax.bindings import bindings
from transforms.engine.syntax.definition import Function
from transforms.engine.syntax.enclosing import last_name
from transforms.importers.monkeypatch.known_bases import MEMBERS, OF_EVERY_CLASS
from transforms.importers.monkeypatch.resolution import Kind, Library, Thing

if TYPE_CHECKING:
    from transforms.importers.monkeypatch.values import Target

_GENERATED = frozenset(
    {"__dataclass_fields__", "__dataclass_params__", "__eq__", "__init__", "__match_args__"}
    | {"__repr__"}
)


class Where(str, Enum):
    """Whose member it is."""

    OWN = "own"
    GENERATED = "generated"
    INHERITED = "inherited"
    ABSENT = "absent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A member of a class, or that it has none of this name.

    Attributes:
        where: whose it is; `UNKNOWN` where a base is not of the package and its members are not
            known.
        thing: what it is; of an external base's member, nothing but its kind.
        owner: the dotted name of the external base that has it; empty otherwise.
    """

    where: Where
    thing: Thing
    owner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a translation must know of a class.

    Attributes:
        line: the class and its bases of the package, in the order in which members are looked up.
        external: the dotted names of the bases that are not of the package.
        is_open: a base, decorator or metaclass may add members that the source does not show.
        is_dataclass: a decorator makes it one.
        is_pydantic: its fields are validated by a schema that was made from the class.
        is_enum: it is an enumeration.
        is_protocol: it is a protocol.
    """

    line: tuple[Thing, ...] = field(repr=False)
    external: tuple[str, ...] = ()
    is_open: bool = False
    is_dataclass: bool = False
    is_pydantic: bool = False
    is_enum: bool = False
    is_protocol: bool = False


def member_of(cls: Thing, name: str, library: Library) -> Member:
    """Find a member of a class.

    Args:
        cls: the class.
        name: the member.
        library: the package that the class is of.
    """
    facts = facts_of(cls, library)
    for number, item in enumerate(facts.line):
        found = own_member(item, name)
        if found is not None:
            return Member(where=Where.INHERITED if number else Where.OWN, thing=found)
    return beyond(cls, name, library)


def beyond(cls: Thing, name: str, library: Library) -> Member:
    """Find a member of a class that neither it nor a base of the package writes out.

    Args:
        cls: the class.
        name: the member.
        library: the package that the class is of.
    """
    facts = facts_of(cls, library)
    of_pydantic = facts.is_pydantic and name.startswith("__pydantic_")
    if of_pydantic or (facts.is_dataclass and name in _GENERATED):
        return Member(where=Where.GENERATED, thing=_nothing(cls, name, Kind.FUNCTION))
    for base in facts.external:
        if name in MEMBERS.get(base, ()):
            thing = _nothing(cls, name, Kind.FUNCTION)
            return Member(where=Where.INHERITED, thing=thing, owner=base)
    if name in OF_EVERY_CLASS:
        thing = _nothing(cls, name, Kind.DYNAMIC)
        return Member(where=Where.INHERITED, thing=thing, owner="object")
    where = Where.UNKNOWN if facts.is_open else Where.ABSENT
    kind = Kind.DYNAMIC if facts.is_open else Kind.ABSENT
    return Member(where=where, thing=_nothing(cls, name, kind))


def _nothing(cls: Thing, name: str, kind: Kind) -> Thing:
    return Thing(kind=kind, target=cls.target.member(name))


def own_member(cls: Thing, name: str) -> Thing | None:
    """Find a member in the body of a class itself; None where it has none.

    Args:
        cls: the class.
        name: the member.
    """
    node = cls.node
    if not isinstance(node, ast.ClassDef):
        return None
    declared = _only_declared(node)
    found = [item.node for item in bindings(ast.Module(node.body, [])) if item.name == name]
    if not found or name in declared:
        return None
    kind = Kind.VARIABLE
    if isinstance(found[-1], ast.ClassDef):
        kind = Kind.CLASS
    elif isinstance(found[-1], Function):
        kind = Kind.FUNCTION
    return Thing(kind=kind, target=cls.target.member(name), node=found[-1])


def _only_declared(node: ast.ClassDef) -> set[str]:
    """Give the names that a class annotates and gives no value: they are no attributes."""
    annotated = {
        item.target.id
        for item in node.body
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
        if item.value is None
    }
    given = {
        name.id
        for item in node.body
        if isinstance(item, ast.Assign)
        for target in item.targets
        for name in ast.walk(target)
        if isinstance(name, ast.Name)
    }
    return annotated - given


def facts_of(cls: Thing, library: Library) -> Facts:
    """Read a class's bases and decorators.

    Args:
        cls: the class.
        library: the package that the class is of.
    """
    line: list[Thing] = []
    external: list[str] = []
    is_open = False
    waiting = [cls]
    while waiting:
        item = waiting.pop(0)
        if item.kind is Kind.EXTERNAL:
            external.append(item.target.module)
            is_open = is_open or item.target.module not in MEMBERS
            continue
        if item.kind is not Kind.CLASS or not isinstance(item.node, ast.ClassDef):
            is_open = True
            continue
        if item.target in {known.target for known in line}:
            continue
        line.append(item)
        waiting = [_base(base, item, library) for base in item.node.bases] + waiting
        is_open = is_open or any(word.arg == "metaclass" for word in item.node.keywords)
        is_open = is_open or any(not _adds_nothing(word) for word in item.node.decorator_list)
    decorators = [last_name(word) for word in _decorators(cls)]
    last = {name.rpartition(".")[2] for name in external}
    return Facts(
        line=tuple(line),
        external=tuple(dict.fromkeys(external)),
        is_open=is_open,
        is_dataclass=bool({"dataclass", "config"} & set(decorators)),
        is_pydantic=bool({"BaseModel", "RootModel", "BaseSettings"} & last)
        or "config" in decorators
        or _is_pydantic_dataclass(cls, library),
        is_enum=bool({"Enum", "IntEnum", "StrEnum", "Flag", "IntFlag"} & last),
        is_protocol="Protocol" in last,
    )


def _base(base: ast.expr, cls: Thing, library: Library) -> Thing:
    """Find a base; one that the class around it has, or the module, or Python itself."""
    if isinstance(base, ast.Name) and base.id in _BUILT_IN:
        found = library.names(cls.target.module)
        if found is None or base.id not in found.bound:
            return Thing(kind=Kind.EXTERNAL, target=_external(cls.target, base.id))
    return library.attribute(base, cls.target.module)


def _external(near: Target, name: str) -> Target:
    return type(near)(module=f"builtins.{name}")


_BUILT_IN = frozenset(
    {"object", "str", "int", "float", "dict", "list", "tuple", "Exception", "RuntimeError"}
    | {"ValueError", "type", "set"}
)


def _decorators(cls: Thing) -> list[ast.expr]:
    node = cls.node
    if not isinstance(node, ast.ClassDef):
        return []
    return [item.func if isinstance(item, ast.Call) else item for item in node.decorator_list]


def _adds_nothing(decorator: ast.expr) -> bool:
    """Tell whether a decorator is known to add no members but those that every class may have."""
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return last_name(called) in {"dataclass", "final", "runtime_checkable", "config", "unique"}


def _is_pydantic_dataclass(cls: Thing, library: Library) -> bool:
    return any(
        library.attribute(item, cls.target.module).target.module == "pydantic.dataclasses.dataclass"
        for item in _decorators(cls)
        if isinstance(item, (ast.Name, ast.Attribute))
    )
