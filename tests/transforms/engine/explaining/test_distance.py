"""Distances between syntax: what a person calls a small change is a small number."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transforms.mutations import mutated
from transforms.engine.explaining.distance import distances
from transforms.engine.explaining.labels import flatten
from transforms.engine.patterns.pattern import Pattern


def _far(pattern: str, code: str) -> float:
    nodes = Pattern.parse(pattern, statements=True).nodes
    return distances(flatten(nodes), flatten(ast.parse(code).body)).total


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        ("f(a, b=1)", "f(a, b=1)"),
        ("f(b=1, a=2)", "f(a=2, b=1)"),
        ("f($x)", "f(a.b(c))"),
        ("f($$x, b=1)", "f(a, c, b=1)"),
        ("if $c:\n    $$body", "if a:\n    b()\n    c()"),
        ("def $f(a): pass", "def g(a): pass"),
        ("def f($$p): pass", "def f(a, *b): pass"),
    ],
)
def test_what_a_pattern_matches_is_at_no_distance(pattern: str, code: str) -> None:
    assert _far(pattern, code) == 0


@pytest.mark.parametrize(
    ("pattern", "near", "far"),
    [
        ("f(a)", "f(a, b)", "g(h(b))"),
        ("x.device_type", "x.type", "x.other"),
        ("f(1)", "f(2)", "f(g(2))"),
        ("f(a)", "f(a, b=1)", "f(a, g(1))"),
        ("f(a)", "trace(f(a))", "if c:\n    g()"),
        ("if c:\n    $$body", "if d:\n    f()", "while c.d:\n    f()"),
    ],
)
def test_a_small_change_is_nearer_than_a_large_one(pattern: str, near: str, far: str) -> None:
    assert 0 < _far(pattern, near) < _far(pattern, far)


@given(st.integers(0, 10_000))
def test_the_steps_explain_the_distance(seed: int) -> None:
    code = "if a.b(c, d=1):\n    x = [1, 'y']\nelse:\n    f(x)\n"
    before = ast.parse(code).body
    found = distances(flatten(before), flatten(mutated(before, seed)))
    same = ast.dump(ast.Module(before, [])) == ast.dump(ast.Module(mutated(before, seed), []))
    assert (found.total == 0) is (not found.changes())
    assert same <= (found.total == 0)
