"""`match` statements that compare: each case is a branch, as of an `if`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.importers.monkeypatch.branches import execute_other

if TYPE_CHECKING:
    from transforms.importers.monkeypatch.machine import Machine


def execute_match(statement: ast.Match, machine: Machine) -> bool:
    """Execute a `match`: as `if` and `elif` where its cases compare a name with values.

    Args:
        statement: the statement.
        machine: what is known.

    Returns:
        Whether what follows is run.
    """
    chain = _as_branches(statement)
    if chain is None:
        return execute_other(statement, machine)
    return machine.execute(chain)


def _as_branches(statement: ast.Match) -> list[ast.stmt] | None:
    """Write a `match` with `if`; None where a case takes its subject apart, or binds a name."""
    if not isinstance(statement.subject, (ast.Name, ast.Attribute)):
        return None
    chain: list[ast.stmt] = []
    for case in reversed(statement.cases):
        tests = _tests(case.pattern, statement.subject)
        if tests is None:
            return None
        tests += [case.guard] if case.guard else []
        if not tests:
            chain = list(case.body)
            continue
        test = tests[0] if len(tests) == 1 else ast.BoolOp(ast.And(), tests)
        branch = ast.If(test, case.body, chain)
        ast.fix_missing_locations(ast.copy_location(branch, case.pattern))
        chain = [branch]
    return chain


def _tests(pattern: ast.pattern, subject: ast.expr) -> list[ast.expr] | None:
    """Give the conditions that a pattern stands for; none for `_`."""
    if isinstance(pattern, ast.MatchAs) and pattern.pattern is None and pattern.name is None:
        return []
    if isinstance(pattern, ast.MatchValue):
        return [ast.Compare(subject, [ast.Eq()], [pattern.value])]
    if isinstance(pattern, ast.MatchSingleton):
        return [ast.Compare(subject, [ast.Is()], [ast.Constant(pattern.value)])]
    if isinstance(pattern, ast.MatchOr):
        inner = [_tests(item, subject) for item in pattern.patterns]
        if all(item is not None and len(item) == 1 for item in inner):
            return [ast.BoolOp(ast.Or(), [item[0] for item in inner if item])]
    return None
