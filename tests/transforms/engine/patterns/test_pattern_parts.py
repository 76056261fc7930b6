"""Patterns of a part of a statement: headers and decorators."""

from __future__ import annotations

import ast

import pytest

from tests.transforms.trees import source_of
from transforms.engine.patterns.metavariables import PatternError
from transforms.engine.patterns.pattern import Pattern


def _lines(pattern: str, code: str) -> list[int]:
    scope = source_of(code).module
    found = Pattern.parse(pattern).matches(scope)
    return [getattr(match.nodes[0], "lineno", 0) for match in found]


_CODE = """
    @a
    @b(1)
    class C(B):
        @a
        def f(self, x: int = 1):
            "doc"
            if x: return 1
            elif self:
                for y in x: pass
                else: pass
            else:
                with x as y: pass
            while x: pass
        @b(2)
        @a
        async def g(self):
            try: pass
            except E as e: pass
            except: pass
            async for x in y:
                async with x: pass
"""


@pytest.mark.parametrize(
    ("header", "lines"),
    [
        ("class $C($$b):", [3]),
        ("def $f($$p):", [5]),
        ("def f(self, $p: int = $d):", [5]),
        ("def g(self):", []),
        ("async def $f($$p):", [16]),
        ("if $c:", [7, 8]),
        ("for $x in $y:", [9]),
        ("async for $x in $y:", [20]),
        ("with $$i:", [12]),
        ("async with $i:", [21]),
        ("while $c:", [13]),
        ("except $t as $e:", [18]),
        ("except:", [19]),
        ("except $t:", []),
    ],
)
def test_a_header_is_found_whatever_stands_below_or_above_it(header: str, lines: list[int]) -> None:
    assert _lines(header, _CODE) == lines


@pytest.mark.parametrize(
    ("decorator", "lines"),
    [
        ("@a", [1, 4, 15]),
        ("@b($x)", [2, 14]),
        ("@$d", [1, 2, 4, 14, 15]),
        ("@b($x)\n@a", [14]),
        ("@a\n@$$rest", [1, 4, 15]),
        ("@C", []),
    ],
)
def test_a_decorator_is_found_whatever_it_decorates(decorator: str, lines: list[int]) -> None:
    assert _lines(decorator, _CODE) == lines


def test_the_header_and_the_decorators_of_a_scope_are_inside_of_it() -> None:
    (scope,) = source_of(_CODE).module.body
    assert [match.nodes for match in Pattern.parse("class C($$b):").matches(scope)] == [(scope,)]
    assert len(Pattern.parse("@a").matches(scope)) == 3
    assert Pattern.parse("@a\nclass C($$b):\n    $$body").matches(scope) == []


def test_what_is_matched_of_a_header_is_not_its_body() -> None:
    (match,) = Pattern.parse("class C($$b):").matches(source_of(_CODE).module)
    walked = {type(node) for node in match.walk()}
    assert walked == {ast.ClassDef, ast.Name, ast.Load}
    (match,) = Pattern.parse("with x as y:\n    pass").matches(source_of(_CODE).module)
    assert ast.Pass in {type(node) for node in match.walk()}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("elif x:", "an `elif` is an `if` to a pattern: write `if`"),
        ("else:", "match the statement that the `else` belongs to"),
        ("finally:", "match the `try`"),
        ("try:", "match all of the `try`"),
        ("match x:", "match all of the `match`"),
        ("case x:", "match all of the `match`"),
        ("@a\ndef f():", "a header stands without its decorators"),
        ("if x:  # why", "not Python"),
        ("if x: pass\nelse:", "not Python"),
        ("x = 1\nif x:", "not Python"),
        ("class C:\n    def f(self):", "not Python"),
        ("lambda:", "not Python"),
        ("@", "not Python"),
        ("@a b", "not Python"),
        ("@$$x", "would match any decorators"),
    ],
)
def test_half_a_statement_that_is_no_header_is_refused(text: str, message: str) -> None:
    with pytest.raises(PatternError, match=message):
        Pattern.parse(text)


def test_where_statements_must_stand_half_of_one_is_refused() -> None:
    assert Pattern.parse("if $x:", statements=True).is_header
    with pytest.raises(PatternError, match="a header has no body: whole statements must stand"):
        Pattern.parse("if $x:", statements=True, written=True)
    with pytest.raises(PatternError, match="an `except` is a part of its `try`"):
        Pattern.parse("except E:", statements=True)
    for written in (False, True):
        with pytest.raises(PatternError, match="decorators decorate nothing: whole statements"):
            Pattern.parse("@a", statements=True, written=written)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("a", "an expression"),
        ("a\nb", "statements"),
        ("if a:", "a header"),
        ("@a", "a decorator"),
    ],
)
def test_a_pattern_finds_itself_in_its_own_tree(text: str, kind: str) -> None:
    pattern = Pattern.parse(text)
    assert pattern.kind == kind
    assert len(pattern.matches(pattern.tree)) == 1
