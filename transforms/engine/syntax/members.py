"""What a body holds: the names that its statements bind; and which kind of class has it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.engine.syntax.alternatives import Definition, definitions
from transforms.engine.syntax.definition import is_text
from transforms.engine.syntax.enclosing import last_name
from transforms.engine.syntax.source import blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

ENUMS = frozenset({"Enum", "Flag", "IntEnum", "IntFlag", "ReprEnum", "StrEnum"})
FIELD = (ast.Assign, ast.AnnAssign)


def bindings(statement: ast.AST) -> Iterator[str]:
    """Give the names that a statement itself binds or unbinds, without those of its blocks."""
    if isinstance(statement, Definition):
        yield statement.name
    elif isinstance(statement, (ast.Import, ast.ImportFrom)):
        yield from (item.asname or item.name.partition(".")[0] for item in statement.names)
    for target in _targets(statement):
        for node in ast.walk(target):
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                yield node.id


def _targets(statement: ast.AST) -> list[ast.expr]:
    if isinstance(statement, (ast.Assign, ast.Delete)):
        return statement.targets
    if isinstance(statement, (ast.AnnAssign, ast.AugAssign, ast.For, ast.AsyncFor)):
        return [statement.target]
    if isinstance(statement, (ast.With, ast.AsyncWith)):
        return [item.optional_vars for item in statement.items if item.optional_vars]
    return []


def bound_to(name: str, scope: ast.AST) -> Iterator[ast.stmt]:
    """Give the statements of a scope that bind a name, those in `if` and `try` included."""
    for block in blocks(scope):
        for statement in block:
            if name in bindings(statement):
                yield statement
            if not isinstance(statement, Definition):
                yield from bound_to(name, statement)


def has_base(node: ast.ClassDef, *names: str) -> bool:
    """Tell whether a class names one of these as a base."""
    return any(last_name(base) in names for base in node.bases)


def is_enum(node: ast.ClassDef, module: ast.AST) -> bool:
    """Tell whether a class is an `Enum`, by its bases and those of the classes of its module."""
    classes = {item.name: item for item in definitions(module) if isinstance(item, ast.ClassDef)}
    seen: set[int] = set()
    waiting: list[Definition] = [node]
    while waiting:
        current = waiting.pop()
        if id(current) in seen or not isinstance(current, ast.ClassDef):
            continue
        seen.add(id(current))
        names = {last_name(base) for base in current.bases}
        if names & ENUMS:
            return True
        waiting += [classes[name] for name in names if name in classes]
    return False


def docstring_of(field: ast.stmt, block: list[ast.stmt]) -> ast.stmt | None:
    """Give the text that describes a field: a string that is the next statement."""
    if not isinstance(field, FIELD):
        return None
    number = block.index(field) + 1
    return block[number] if number < len(block) and is_text(block[number]) else None
