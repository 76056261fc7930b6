"""The one assignment to a name: what counts as one, in any kind of statement."""

from __future__ import annotations

import ast

import pytest

from tests.transforms.trees import source_of
from transforms.engine.outcome import Problem, Status
from transforms.engine.syntax.assignment import assigned_value
from transforms.engine.syntax.scope import Scope

_SCOPE = Scope("m.py", ("A", "f"))


def _value(code: str) -> str | Problem:
    source = source_of(code)
    found = assigned_value("x", source.module, _SCOPE, source)
    return found if isinstance(found, Problem) else ast.unparse(found)


@pytest.mark.parametrize(
    "code",
    [
        "x = 1",
        "x: int = 1",
        "if a:\n  x = 1",
        "with a:\n  x = 1",
        "for a in b:\n  x = 1",
        "try: pass\nexcept E:\n  x = 1",
        "match a:\n  case 1:\n    x = 1",
        "def f(x):\n  x = 2\nx = 1",
        "y.x = 2\nx = 1\ny[x] = 3",
    ],
)
def test_one_assignment_gives_the_value(code: str) -> None:
    assert _value(code) == "1"


@pytest.mark.parametrize(
    "code",
    [
        "x = 1\nx = 2",
        "x = 1\nimport x",
        "x = 1\nimport y as x",
        "x = 1\nclass x: pass",
        "x = 1\nfor a, (b, *x) in c: pass",
    ],
)
def test_a_name_that_is_bound_again_has_not_one_value(code: str) -> None:
    problem = _value(code)
    assert isinstance(problem, Problem)
    assert (problem.status, problem.path, problem.scope) == (Status.DRIFTED, "m.py", "A.f")
    assert problem.reason == "A.f binds 'x' 2 times: lines 1, 2"
    assert (problem.closest, problem.line) == ("x = 1", 1)


def test_no_assignment_is_said_to_be_none() -> None:
    problem = _value("y = 1")
    assert isinstance(problem, Problem)
    assert (problem.reason, problem.line) == ("A.f assigns nothing to 'x'", 0)
