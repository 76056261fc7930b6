"""The one assignment that gives a name its value directly in a module, class or function."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.engine.outcome import Problem, Status
from transforms.engine.syntax.alternatives import Definition
from transforms.engine.syntax.source import blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.syntax.scope import Scope
    from transforms.engine.syntax.source import Source


def assigned_value(name: str, node: ast.AST, scope: Scope, source: Source) -> ast.expr | Problem:
    """Find the expression that a name is bound to.

    Assignments in `if`, `try` and the like count as directly in the scope; those in nested
    functions and classes do not.

    Args:
        name: the name, without dots.
        node: the syntax of a module, class or function.
        scope: where that is, for the message.
        source: the file.

    Returns:
        The value; or why there is not one value: no assignment, several, or one with other targets.
    """
    where = scope.dotted or "the module"
    found = list(_statements_binding(name, node))
    lines = ", ".join(str(statement.lineno) for statement in found)
    if not found:
        reason = f"{where} assigns nothing to {name!r}"
    elif len(found) > 1:
        reason = f"{where} binds {name!r} {len(found)} times: lines {lines}"
    else:
        (statement,) = found
        if _is_only_target(name, statement):
            return statement.value  # type: ignore[attr-defined,no-any-return]
        reason = f"{where} binds {name!r} in a way that gives it no value of its own"
    first = found[0] if found else None
    return Problem(
        status=Status.DRIFTED,
        reason=reason,
        path=scope.path,
        scope=scope.dotted,
        looked_for=f"{name} = ...",
        closest=source.text(source.span(first)).split("\n", 1)[0].rstrip() if first else "",
        line=first.lineno if first else 0,
    )


def _is_only_target(name: str, statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Assign):
        return len(statement.targets) == 1 and _is_name(statement.targets[0], name)
    return isinstance(statement, ast.AnnAssign) and statement.value is not None


def _is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _statements_binding(name: str, node: ast.AST) -> Iterator[ast.stmt]:
    """Give the statements of a scope that bind a name or change what it is bound to."""
    for block in blocks(node):
        for statement in block:
            if name in _bound_by(statement):
                yield statement
            if not isinstance(statement, Definition):
                yield from _statements_binding(name, statement)


def _bound_by(statement: ast.stmt) -> Iterator[str]:
    """Give the names that a statement itself binds, those inside of tuples included."""
    if isinstance(statement, Definition):
        yield statement.name
    elif isinstance(statement, (ast.Import, ast.ImportFrom)):
        for alias in statement.names:
            yield alias.asname or alias.name.split(".")[0]
    for target in _targets(statement):
        yield from _names(target)


def _targets(statement: ast.stmt) -> list[ast.expr]:
    if isinstance(statement, (ast.Assign, ast.Delete)):
        return statement.targets
    if isinstance(statement, (ast.AnnAssign, ast.AugAssign, ast.For, ast.AsyncFor)):
        return [statement.target]
    if isinstance(statement, (ast.With, ast.AsyncWith)):
        return [item.optional_vars for item in statement.items if item.optional_vars]
    return []


def _names(target: ast.expr) -> Iterator[str]:
    if isinstance(target, ast.Name):
        yield target.id
    elif isinstance(target, ast.Starred):
        yield from _names(target.value)
    elif isinstance(target, (ast.Tuple, ast.List)):
        for item in target.elts:
            yield from _names(item)
