"""Metavariables: `$x` and `$$x`, written as plain names so that Python's own parser reads them."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ONE = "_wheelwright_one_"
MANY = "_wheelwright_many_"
# Strings and comments come first, so that a `$` inside of them stays what it is.
TOKEN = re.compile(
    r"(?P<opaque>'''(?:\\.|[^\\])*?'''|\"\"\"(?:\\.|[^\\])*?\"\"\"|'(?:\\.|[^\\\n'])*'|\"(?:\\.|[^\\\n\"])*\"|\#[^\n]*)"
    r"|(?P<sigil>\$\$?)(?P<name>[A-Za-z][A-Za-z0-9_]*)",
    re.DOTALL,
)
_PLACES_OF_MANY = (
    (ast.Call, "args"),
    (ast.ClassDef, "bases"),
    (ast.Tuple, "elts"),
    (ast.List, "elts"),
    (ast.Set, "elts"),
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
    return text.replace(MANY, "$$").replace(ONE, "$")


def one_name(node: object) -> str | None:
    """Give `x` where the node is the metavariable `$x`."""
    return _metavariable(node, ONE)


def many_name(node: object) -> str | None:
    """Give `x` where the node is the metavariable `$$x`, as an argument, element or statement."""
    return _metavariable(node.value if isinstance(node, ast.Expr) else node, MANY)


def _metavariable(node: object, prefix: str) -> str | None:
    if isinstance(node, ast.Name) and node.id.startswith(prefix):
        return node.id[len(prefix) :]
    return None


def check_metavariables(nodes: Iterable[ast.AST], text: str) -> None:
    """Refuse metavariables where they could never bind anything.

    Args:
        nodes: the parsed pattern.
        text: the pattern as its author wrote it.

    Raises:
        PatternError: one is a part of a name, stands where only a name can, or is used as `$x` and
            `$$x` at once; or a `$$x` is no argument, element or statement.
    """
    ones: set[str] = set()
    manies: set[str] = set()
    for node, field, value in _fields(nodes):
        if isinstance(value, str) and (ONE in value or MANY in value):
            rest = value.removeprefix(ONE).removeprefix(MANY)
            if not isinstance(node, ast.Name) or len(rest) == len(value) or "_wheelwright_" in rest:
                raise PatternError(
                    f"{decode(value)} stands where only a name can, in {text!r}: "
                    "a metavariable binds an expression, arguments or statements"
                )
            (ones if value.startswith(ONE) else manies).add(rest)
        many = many_name(value) if not isinstance(node, ast.Expr) else None
        if many and not isinstance(value, ast.Expr) and not _takes_many(node, field):
            raise PatternError(
                f"$${many} stands where one expression must, in {text!r}: "
                "it binds arguments, elements or whole statements"
            )
    for name in sorted(ones & manies):
        raise PatternError(f"both ${name} and $${name} are used in {text!r}")


def _takes_many(node: ast.AST, field: str) -> bool:
    return any(isinstance(node, kind) and field == name for kind, name in _PLACES_OF_MANY)


def _fields(nodes: Iterable[ast.AST]) -> Iterator[tuple[ast.AST, str, object]]:
    for top in nodes:
        for node in ast.walk(top):
            for name, value in ast.iter_fields(node):
                if not isinstance(node, ast.Constant):
                    for item in value if isinstance(value, list) else [value]:
                        yield node, name, item
