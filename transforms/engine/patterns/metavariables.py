"""Metavariables: `$x` and `$$x`, written as plain names so that Python's own parser reads them."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from transforms.engine.patterns.parts import Item, Slot, items, slots

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ONE = "_wheelwright_one_"
MANY = "_wheelwright_many_"
# What a `$$x` is given where Python wants more than a name: a default, or the value of an item.
ROOM = "_wheelwright_room"
_MARK = "_wheelwright_"
# Strings and comments come first, so that a `$` inside of them stays what it is.
TOKEN = re.compile(
    r"(?P<opaque>'''(?:\\.|[^\\])*?'''|\"\"\"(?:\\.|[^\\])*?\"\"\"|'(?:\\.|[^\\\n'])*'|\"(?:\\.|[^\\\n\"])*\"|\#[^\n]*)"
    r"|(?P<sigil>\$\$?)(?P<name>[A-Za-z][A-Za-z0-9_]*)",
    re.DOTALL,
)
_EXPRESSIONS = "arguments or elements"
_PLACES_OF_MANY = (
    (ast.Call, "args"),
    (ast.ClassDef, "bases"),
    (ast.Tuple, "elts"),
    (ast.List, "elts"),
    (ast.Set, "elts"),
    (ast.FunctionDef, "decorator_list"),
    (ast.AsyncFunctionDef, "decorator_list"),
    (ast.ClassDef, "decorator_list"),
)


class PatternError(ValueError):
    """A pattern or a replacement is not Python, or uses a metavariable where it cannot stand."""


def encode(text: str) -> str:
    """Write `$x` and `$$x` as names."""

    def name(match: re.Match[str]) -> str:
        if match["opaque"]:
            return match["opaque"]
        return (ONE if match["sigil"] == "$" else MANY) + match["name"]

    return TOKEN.sub(name, text)


def decode(text: str) -> str:
    """Write names as `$x` and `$$x` again, for messages."""
    text = text.replace(f"={ROOM}", "").replace(f": {ROOM}", "")
    return text.replace(MANY, "$$").replace(ONE, "$")


def one_name(node: object) -> str | None:
    """Give `x` where the node, or the name that stands in a node's field, is `$x`."""
    text = node.id if isinstance(node, ast.Name) else node
    return text[len(ONE) :] if isinstance(text, str) and text.startswith(ONE) else None


def many_name(node: object) -> str | None:
    """Give `x` where the node is `$$x`: as an argument, statement, parameter, and so on."""
    if isinstance(node, ast.Expr):
        node = node.value
    elif isinstance(node, ast.withitem):
        node = None if node.optional_vars else node.context_expr
    elif isinstance(node, Item):
        node = node.key
    text: object = None
    if isinstance(node, ast.Name):
        text = node.id
    elif isinstance(node, Slot):
        text = node.parameter and node.parameter.arg
    elif isinstance(node, ast.alias):
        text = node.name
    return text[len(MANY) :] if isinstance(text, str) and text.startswith(MANY) else None


def names_in(nodes: Iterable[ast.AST]) -> frozenset[str]:
    """Give the names of all metavariables in some syntax."""
    return frozenset(
        value.removeprefix(ONE).removeprefix(MANY)
        for _, _, value in _fields(nodes)
        if isinstance(value, str) and value.startswith((ONE, MANY))
    )


def kinds_of_many(nodes: Iterable[ast.AST], text: str) -> dict[str, str]:
    """Tell what each `$$x` of a pattern stands for, e.g. parameters.

    Raises:
        PatternError: one stands for two kinds of things at once, which are never equal.
    """
    kinds: dict[str, str] = {}
    for node, _, value in _fields(nodes):
        for item, kind in _possible(node, value):
            name = many_name(item)
            if name and kinds.setdefault(name, kind) != kind:
                raise PatternError(f"$${name} stands for {kinds[name]} and for {kind} in {text!r}")
    return kinds


def _possible(node: ast.AST, value: object) -> Iterator[tuple[object, str]]:
    if isinstance(value, ast.arguments):
        yield from ((slot, "parameters") for slot in slots(value))
    elif isinstance(value, ast.stmt):
        yield value, "statements"
    elif isinstance(value, ast.alias):
        yield value, "imported names"
    elif isinstance(value, ast.withitem):
        yield value, "context managers"
    elif isinstance(node, ast.Dict):
        yield value, "items of a dictionary"
    elif not isinstance(node, (ast.Expr, ast.withitem)):
        yield value, _EXPRESSIONS


def check_metavariables(nodes: Iterable[ast.AST], text: str) -> None:
    """Refuse metavariables where they could never bind anything.

    Args:
        nodes: the parsed pattern.
        text: the pattern as its author wrote it.

    Raises:
        PatternError: one is a part of a name, or is used as `$x` and `$$x` at once; or a `$$x`
            stands where only one thing can.
    """
    if "$" not in text and _MARK not in text:
        return
    nodes = list(nodes)
    ones: set[str] = set()
    manies: set[str] = set()
    for node, field, value in _fields(nodes):
        if isinstance(value, str) and (ONE in value or MANY in value):
            rest = value.removeprefix(ONE).removeprefix(MANY)
            if len(rest) == len(value) or "." in rest or _MARK in rest:
                raise PatternError(
                    f"{decode(value)} has a metavariable as a part of a name, in {text!r}: "
                    "it binds a whole name"
                )
            (ones if value.startswith(ONE) else manies).add(rest)
        misplaced = next(_misplaced(node, field, value), None)
        if misplaced:
            raise PatternError(
                f"$${misplaced} stands where one {_of(value)} must, in {text!r}: it binds "
                "arguments, elements, parameters, imported names or whole statements"
            )
    for name in sorted(ones & manies):
        raise PatternError(f"both ${name} and $${name} are used in {text!r}")
    kinds_of_many(nodes, text)


def _of(value: object) -> str:
    return "expression" if isinstance(value, ast.expr) else "name"


def _misplaced(node: ast.AST, field: str, value: object) -> Iterator[str]:
    """Give the name of a `$$x` that stands where one thing must."""
    if isinstance(value, str) and value.startswith(MANY):
        alone = isinstance(node, ast.alias) and field == "name" and not node.asname
        if not alone and not isinstance(node, (ast.Name, ast.arg)):
            yield value[len(MANY) :]
    elif isinstance(value, ast.arguments):
        for slot in slots(value):
            name = many_name(slot)
            if name and (slot.stars or not _is_bare(slot)):
                yield name
    elif isinstance(value, ast.Name) and value.id.startswith(MANY):
        if not _takes_many(node, field):
            yield value.id[len(MANY) :]
    elif isinstance(node, (ast.ImportFrom, ast.Import)) and field == "names":
        manies = [name for name in map(many_name, node.names) if name]
        yield from manies[1:]


def _is_bare(slot: Slot) -> bool:
    default = slot.default
    return (
        slot.parameter is not None
        and slot.parameter.annotation is None
        and (default is None or (isinstance(default, ast.Name) and default.id == ROOM))
    )


def _takes_many(node: ast.AST, field: str) -> bool:
    if isinstance(node, ast.Dict):
        values = [item.value for item in items(node) if many_name(item)]
        return field == "keys" and all(getattr(value, "id", "") == ROOM for value in values)
    return (
        isinstance(node, ast.Expr)
        or (isinstance(node, ast.withitem) and bool(many_name(node)))
        or any(isinstance(node, kind) and field == name for kind, name in _PLACES_OF_MANY)
    )


def _fields(nodes: Iterable[ast.AST]) -> Iterator[tuple[ast.AST, str, object]]:
    for node in ast.walk(ast.Tuple([*nodes])):  # type: ignore[list-item]
        if not isinstance(node, ast.Constant):
            for name, value in ast.iter_fields(node):
                for item in value if isinstance(value, list) else [value]:
                    yield node, name, item
