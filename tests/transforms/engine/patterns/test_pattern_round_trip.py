"""Patterns that are printed and parsed again match what they came from, and bind what was there."""

from __future__ import annotations

import ast
import os
from functools import cache
from pathlib import Path
from random import Random

from hypothesis import assume, given, note, settings
from hypothesis import strategies as st

from tests.transforms.codegen import expressions
from tests.transforms.patterns import COMPOUND, header_text, holed, shown, statements_of
from transforms.engine.patterns.metavariables import decode
from transforms.engine.patterns.pattern import Match, Pattern
from transforms.engine.syntax.source import Source

# Real code of every kind, which every Python brings with it.
_MODULES = (
    "argparse.py",
    "ast.py",
    "asyncio/base_events.py",
    "contextlib.py",
    "copy.py",
    "dataclasses.py",
    "enum.py",
    "functools.py",
    "importlib/_bootstrap.py",
    "inspect.py",
    "json/encoder.py",
    "logging/__init__.py",
    "typing.py",
    "unittest/mock.py",
)
_MOST_LINES = 25


@cache
def _module(name: str) -> tuple[ast.Module, list[ast.stmt]]:
    source = Source(name, Path(os.__file__).parent.joinpath(name).read_bytes())
    return source.module, list(statements_of(source.module, _MOST_LINES))


def _reads_back(statement: ast.stmt) -> bool:
    """Tell whether `ast.unparse` prints a statement as it is, which it does not for all strings."""
    try:
        (again,) = ast.parse(ast.unparse(statement)).body
    except (SyntaxError, ValueError):
        return False
    return ast.dump(again) == ast.dump(statement)


def _bound(match: Match) -> dict[str, object]:
    return {name: shown(value) for name, value in match.bindings.items()}


def _there(pattern: Pattern, statement: ast.stmt) -> list[Match]:
    """Give the matches at a statement itself."""
    scope = ast.Module([statement], [])
    return [match for match in pattern.matches(scope) if match.nodes == (statement,)]


@settings(max_examples=300)
@given(name=st.sampled_from(_MODULES), seed=st.integers(0, 2**32))
def test_real_statements_match_the_patterns_that_were_made_of_them(name: str, seed: int) -> None:
    random = Random(seed)  # noqa: S311 - it is the test's own choice
    statement = random.choice(_module(name)[1])
    assume(_reads_back(statement))
    holes = holed(statement, random)
    text = holes.text
    note(text)
    assume(not text.strip().startswith("$$"))
    pattern = Pattern.parse(text, statements=True)
    (match,) = _there(pattern, statement)
    assert _bound(match) == holes.bound
    again = Pattern.parse(decode(ast.unparse(ast.Module([*pattern.nodes], []))), statements=True)  # type: ignore[list-item]
    assert [_bound(match) for match in _there(again, statement)] == [holes.bound]


@settings(max_examples=200)
@given(name=st.sampled_from(_MODULES), seed=st.integers(0, 2**32))
def test_real_headers_match_the_patterns_that_were_made_of_them(name: str, seed: int) -> None:
    random = Random(seed)  # noqa: S311
    compound = [node for node in _module(name)[1] if isinstance(node, COMPOUND)]
    statement = random.choice(compound)
    assume(_reads_back(statement))
    holes = holed(statement, random)
    text = header_text(holes)
    note(text)
    pattern = Pattern.parse(text)
    assert pattern.is_header
    (match,) = _there(pattern, statement)
    assert _bound(match) == {name: holes.bound[name] for name in pattern.names}


@given(tree=expressions(), seed=st.integers(0, 2**32))
def test_random_code_matches_the_patterns_that_were_made_of_it(tree: ast.expr, seed: int) -> None:
    statement = ast.parse(f"x = {ast.unparse(tree)}").body[0]
    holes = holed(statement, Random(seed))  # noqa: S311
    note(holes.text)
    pattern = Pattern.parse(holes.text)
    (match,) = _there(pattern, statement)
    assert _bound(match) == holes.bound
