"""Patterns: what is found in a scope, in which order, and what is refused."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from tests.transforms.codegen import expressions, reformatted
from tests.transforms.trees import source_of
from transforms.engine.patterns.metavariables import ONE, PatternError, decode
from transforms.engine.patterns.pattern import Pattern, dedent


def _lines(pattern: str, code: str, *, statements: bool = False) -> list[int]:
    scope = source_of(code).module
    found = Pattern.parse(pattern, statements=statements).matches(scope)
    return [getattr(match.nodes[0], "lineno", 0) for match in found]


def _texts(pattern: str, code: str) -> list[str]:
    scope = source_of(code).module
    found = Pattern.parse(pattern).matches(scope)
    return ["; ".join(ast.unparse(node) for node in match.nodes) for match in found]


@pytest.mark.parametrize("text", ["", "   ", "\n\n", "# only a comment"])
def test_an_empty_pattern_is_refused(text: str) -> None:
    with pytest.raises(PatternError, match="must not be empty"):
        Pattern.parse(text)


@pytest.mark.parametrize(
    "text", ["if x", "a b", "f(", "x =", "$", "$1", "f'{$x}'", "a\0", "  a\nb"]
)
def test_what_is_not_python_is_refused(text: str) -> None:
    with pytest.raises(PatternError, match="not Python"):
        Pattern.parse(text)


@pytest.mark.parametrize("text", ["$$x", "$$x\n$$y"])
def test_a_pattern_of_nothing_but_any_statements_is_refused(text: str) -> None:
    with pytest.raises(PatternError, match="would match any statements"):
        Pattern.parse(text)
    assert not Pattern.parse(text, written=True).is_expression


def test_a_starred_argument_alone_is_refused() -> None:
    with pytest.raises(PatternError, match="match its call"):
        Pattern.parse("*args")


def test_a_lone_expression_is_one_unless_a_statement_is_asked_for() -> None:
    code = """
        start()
        x = start()
    """
    assert _lines("start()", code) == [1, 2]
    assert _lines("start()", code, statements=True) == [1]


def test_expressions_are_found_in_the_order_of_the_source() -> None:
    code = """
        @deco(t)
        class A(t):
            def f(self, x: t = t) -> t:
                return [t for y in t if t] + g(t, k=t)[t:t]
        try: pass
        except t: del t
        with t as t, t: pass
        match t:
            case t.x if t: t
    """
    lines = _lines("t", code)
    assert lines == sorted(lines)
    assert len(lines) == len(
        [node for node in ast.walk(source_of(code).module) if getattr(node, "id", "") == "t"]
    )


def test_nested_matches_are_all_found_outer_ones_first() -> None:
    assert _texts("f($x)", "f(f(a))") == ["f(f(a))", "f(a)"]
    assert _texts("$x.y", "a.y.y") == ["a.y.y", "a.y"]


def test_statements_are_found_in_every_block() -> None:
    code = """
        stop()
        if a:
            stop()
        elif b:
            stop()
        else:
            stop()
        try:
            stop()
        except E:
            stop()
        else:
            stop()
        finally:
            stop()
        async def f():
            async with c:
                stop()
        match d:
            case 1:
                stop()
    """
    assert len(_lines("stop()", code, statements=True)) == 10


def test_consecutive_statements_match_together_only() -> None:
    code = """
        a()
        b()
        if x:
            a()
        b()
        a()
        c()
        b()
    """
    assert _lines("a()\nb()", code) == [1]


def test_matches_in_one_block_do_not_overlap() -> None:
    assert _lines("a()\na()", "a()\na()\na()\na()\na()\n") == [1, 3]


def test_any_statements_in_between_are_taken_as_many_as_there_are() -> None:
    code = "a()\nx = 1\nb()\ny = 2\nb()\n"
    assert _texts("a()\n$$between\nb()", code) == ["a(); x = 1; b(); y = 2; b()"]
    assert _texts("a()\n$$rest", code) == ["a(); x = 1; b(); y = 2; b()"]
    assert _texts("$$before\ny = 2", code) == ["a(); x = 1; b(); y = 2"]
    assert _texts("b()\n$$rest", code) == ["b(); y = 2; b()"]


def test_the_body_of_a_block_is_bound_as_a_whole() -> None:
    code = "if a:\n    b()\n    c()\n"
    (match,) = Pattern.parse("if $x:\n    $$body").matches(source_of(code).module)
    assert [ast.unparse(node) for node in match.bindings["body"]] == ["b()", "c()"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("pattern", "code", "count"),
    [
        ("import a", "import a\ndef f():\n    import a\n", 2),
        ("from m import a", "from m import a, b\nfrom m import a\n", 1),
        ("@d\ndef f(): pass", "@d\ndef f(): pass\n@d\n@e\ndef f(): pass\n", 1),
        ("f'a{b}'", 'x = f"a{b}"\ny = "a{b}"\n', 1),
        ("b'a'", "x = b'a', 'a'\n", 1),
        ("1", "x = 1, True, 1.0, '1', 0x1\n", 2),
        ("[$e for $v in $i]", "x = [a for a in b]\ny = (a for a in b)\n", 1),
        ("await $x", "async def f():\n    await a\n    a\n", 1),
        ("lambda: $x", "x = lambda: 1\ny = lambda z: 1\n", 1),
        ("$x.type", "a.type = b.type\ndel c.type\n", 3),
    ],
)
def test_every_kind_of_syntax_can_be_looked_for(pattern: str, code: str, count: int) -> None:
    assert len(_lines(pattern, code)) == count


def test_what_stands_inside_f_strings_is_told_but_not_matched() -> None:
    code = """
        x = f()
        y = g(f"{f()} and {f():{f()}} {'f()'}")
        z = f"{a:{f'{f()}'}}"
    """
    pattern = Pattern.parse("f()")
    scope = source_of(code).module
    assert [match.nodes[0].lineno for match in pattern.matches(scope)] == [1]  # type: ignore[attr-defined]
    assert pattern.lines_in_f_strings(scope) == [2, 2, 2, 3]
    assert Pattern.parse("'f()'").lines_in_f_strings(scope) == [2]
    assert Pattern.parse("' and '").lines_in_f_strings(scope) == []
    assert Pattern.parse("f()", statements=True).lines_in_f_strings(scope) == []


def test_a_block_loses_the_indentation_that_its_lines_share() -> None:
    assert dedent("\n    if a:\n        b\n    ") == "if a:\n    b"


@given(tree=expressions(), seed=st.integers(0, 2**32))
def test_formatting_never_changes_what_is_found(tree: ast.expr, seed: int) -> None:
    """Quotes, parentheses, line breaks, trailing commas, comments, keyword order."""
    pattern = Pattern.parse(ast.unparse(tree))
    code = reformatted(tree, seed)
    note(code)
    there = ast.parse(code, mode="eval").body
    assert there in [match.nodes[0] for match in pattern.matches(there)]


@given(tree=expressions(metavariables=True))
def test_a_printed_pattern_finds_what_it_was_printed_from(tree: ast.expr) -> None:
    first = Pattern.parse(decode(ast.unparse(tree)))
    again = Pattern.parse(decode(ast.unparse(first.nodes[0])))
    assert first.names == again.names
    code = ast.parse(ast.unparse(tree).replace(ONE, "bound_"))
    found, found_again = first.matches(code), again.matches(code)
    assert code.body[0].value in [match.nodes[0] for match in found]  # type: ignore[attr-defined]
    assert [match.nodes for match in found] == [match.nodes for match in found_again]
