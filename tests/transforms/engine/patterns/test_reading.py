"""Reading patterns: half statements, and lists that Python would not read."""

from __future__ import annotations

import ast

import pytest

from transforms.engine.patterns.metavariables import PatternError, decode
from transforms.engine.patterns.reading import (
    blank_lines_around,
    dedent,
    parsed_decorators,
    parsed_header,
    read,
)


def _shown(text: str) -> str:
    body, decorators = read(text)
    return decode("\n".join(ast.unparse(node) for node in [*body, *decorators]))


@pytest.mark.parametrize(
    "text",
    [
        "def f(a=1, $$x):\n    pass",
        "def f(a: int=1, $$x, **k):\n    pass",
        "def f(a=g(b == 1), $$x):\n    pass",
        "def f($$y, a=1, $$x):\n    pass",
        "def f(a=1, *, $$x, b):\n    pass",
        "def f(a=g($$y), $$x):\n    pass",
        "def f(a=lambda b=1, $$y: 0, $$x):\n    pass",
        "x = lambda a=1, $$x: {$$y, b: c}",
        "x = {$$x, a: (b, $$y), c: {d, $$z}}",
        "x = {a: b[c:d], $$x}",
        "x = {a: lambda y: 1, $$x}",
        "x = {$$x, **a, b: c}",
        "f({$$x, a: 1}, $$y)",
    ],
)
def test_lists_that_python_would_not_read_are_read_as_they_were_written(text: str) -> None:
    assert _shown(text) == text


def test_a_default_in_front_of_it_is_the_only_reason_to_give_it_one() -> None:
    """In a call, `=` in front of it would make it a keyword argument of the same name."""
    with pytest.raises(PatternError, match="positional argument follows keyword argument"):
        read("f(a=1, $$x)")
    with pytest.raises(PatternError, match="not Python"):
        read("def f(a=1, $x): pass")


@pytest.mark.parametrize("text", ["if a:", "def f(\n    a,\n):", "except:", "async for a in b:"])
def test_a_header_is_read_without_a_body(text: str) -> None:
    header = parsed_header(text)
    assert header is not None
    compound = ast.parse(f"{'try: a' if text == 'except:' else ''}\n{text}\n    pass").body[0]
    meant = compound.handlers[0] if isinstance(compound, ast.Try) else compound
    assert ast.dump(header.statement) == ast.dump(meant)


@pytest.mark.parametrize(
    "text", ["", "a", "if a", "if a: b", "if a:\n    b", "else:", "try:", "if a: pass\nelse:", "@a"]
)
def test_what_is_more_or_less_than_a_header_is_none(text: str) -> None:
    assert parsed_header(text) is None


def test_an_except_star_is_no_except() -> None:
    assert parsed_header("except* E:") is None


def test_decorators_are_read_without_what_they_decorate() -> None:
    assert [ast.unparse(node) for node in parsed_decorators("@a\n@b(1)  # why") or []] == [
        "a",
        "b(1)",
    ]
    assert parsed_decorators("@a b") is None
    assert parsed_decorators("a = 1") is None


def test_a_block_loses_the_indentation_that_its_lines_share() -> None:
    assert dedent("\n    if a:\n        b\n    ") == "if a:\n    b"


@pytest.mark.parametrize(
    ("text", "counts"),
    [("a", (0, 0)), ("\na\n", (0, 0)), ("\n\na\n\n\n", (1, 2)), ("    a\n    ", (0, 0))],
)
def test_empty_lines_around_a_block_are_counted(text: str, counts: tuple[int, int]) -> None:
    assert blank_lines_around(text) == counts
