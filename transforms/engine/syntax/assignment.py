"""The one assignment that gives a name its value directly in a module, class or function."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.engine.outcome import Problem, Status
from transforms.engine.syntax.members import bound_to

if TYPE_CHECKING:
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
    found = list(bound_to(name, node))
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
        closest=source.first_line(first) if first else "",
        line=first.lineno if first else 0,
    )


def _is_only_target(name: str, statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Assign):
        return len(statement.targets) == 1 and _is_name(statement.targets[0], name)
    return isinstance(statement, ast.AnnAssign) and statement.value is not None


def _is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name
