"""Replacements are written so that they parse to what was meant, or not at all."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given

from tests.transforms.codegen import dump, expressions
from tests.transforms.trees import source_of
from transforms.engine.patterns.metavariables import PatternError, decode
from transforms.engine.patterns.pattern import Pattern
from transforms.engine.patterns.template import Template, substitute, substitute_all
from transforms.engine.syntax.source import SourceError


def _write(find: str, replacement: str, code: str) -> str:
    source = source_of(code)
    pattern = Pattern.parse(find)
    template = Template.parse(replacement, pattern.names, statements=not pattern.is_expression)
    (match, *_) = pattern.matches(source.module)
    write = template.expression if pattern.is_expression else template.statements
    return write(match.bindings, source, match.nodes[0])  # type: ignore[arg-type]


def test_an_unbound_metavariable_is_refused() -> None:
    with pytest.raises(
        PatternError, match=r"\$y is used in 'f\(\$y\)' but never bound \(bound: \$x\)"
    ):
        Template.parse("f($y)", frozenset({"x"}))
    with pytest.raises(PatternError, match=r"bound: none"):
        Template.parse("f($$y)", frozenset())


@pytest.mark.parametrize(
    ("replacement", "bound", "written"),
    [
        ("$x and c", "a or b", "(a or b) and c"),
        ("$x or c", "a or b", "(a or b) or c"),
        ("$x.real", "1", "(1).real"),
        ("$x.real", "-1", "(-1).real"),
        ("-$x", "a ** b", "-a ** b"),
        ("$x ** 2", "-a", "(-a) ** 2"),
        ("not $x", "a in b", "not a in b"),
        ("$x in c", "not a", "(not a) in c"),
        ("$x()", "lambda: 1", "(lambda: 1)()"),
        ("f($x)", "lambda: 1", "f(lambda: 1)"),
        ("$x + 1", "a if b else c", "(a if b else c) + 1"),
        ("[$x]", "a if b else c", "[a if b else c]"),
        ("[$x]", "b := 1", "[b := 1]"),
        ("f(k=$x)", "b := 1", "f(k=(b := 1))"),
        ("$x + 1", "yield", "(yield) + 1"),
        ("f($x)", "yield a", "f((yield a))"),
        ("f($x, 1)", "c for c in d", "f((c for c in d), 1)"),
        ("f($x)", "a, b", "f((a, b))"),
        ("[*$x]", "a, b", "[*(a, b)]"),
        ("await $x", "a or b", "await (a or b)"),
        ("$x[0]", "await a", "(await a)[0]"),
        ("$x", "a or b", "a or b"),
        ("$x == $x", "a or b", "(a or b) == (a or b)"),
        ("f($x) == $x", "a or b", "f(a or b) == (a or b)"),
        ("g($x)", "a  # why\n   or b", "g(a  # why\n   or b)"),
        ("$x % 2", "'a' 'b'", "'a' 'b' % 2"),
        ("$x.join(c)", "'a' 'b'", "'a' 'b'.join(c)"),
        ("$x < c", "a < b", "(a < b) < c"),
        ("{**$x}", "a or b", "{**(a or b)}"),
        ("{**$x}", "a | b", "{**a | b}"),
    ],
)
def test_parentheses_are_added_only_where_they_are_needed(
    replacement: str, bound: str, written: str
) -> None:
    assert _write("find($x)", replacement, f"find(({bound}))\n") == written


@pytest.mark.parametrize(
    ("replacement", "code", "written"),
    [
        ("g($$a)", "f(1, *b, k=2, **c)", "g(1, *b, k=2, **c)"),
        ("g($$a, j=0)", "f(k=2, *b)", "g(k=2, *b, j=0)"),
        ("g(0, $$a)", "f()", "g(0)"),
        ("g($$a, 0)", "f()", "g(0)"),
        ("g($$a, j=0)", "f()", "g(j=0)"),
        ("[$$a]", "f()", "[]"),
        ("($$a,)", "f()", "()"),
        ("(0, $$a)", "f()", "(0, )"),
        ("g($$a, h($$a), 1)", "f()", "g(h(), 1)"),
        ("[$$a]", "f((yield))", "[(yield)]"),
        ("g($$a)", "f((yield), (a := 1), (x for x in y))", "g((yield), a := 1, (x for x in y))"),
        ("(0, $$a)", "f(*(b or c), (a := 1))", "(0, *(b or c), a := 1)"),
        ("g(\n    $$a,\n    k=1,\n)", "f()", "g(\n    k=1,\n)"),
        ("g(\n    $$a,\n    k=1,\n)", "f(1,\n  2)", "g(\n    1,\n      2,\n    k=1,\n)"),
        ("g($$a)", "f(1,  # one\n  k=2)", "g(1,  # one\n  k=2)"),
    ],
)
def test_arguments_are_written_with_their_commas(replacement: str, code: str, written: str) -> None:
    assert _write("f($$a)", replacement, f"{code}\n") == written


def test_what_cannot_be_written_is_refused_with_its_place() -> None:
    for replacement in ("[$$a]", "g($$a, 1)"):
        with pytest.raises(SourceError, match="cannot be written around what it binds") as caught:
            _write("f($$a)", replacement, "\n\nf(k=1)\n")
        assert (caught.value.path, caught.value.line) == ("m.py", 2)


@pytest.mark.parametrize(
    ("find", "replacement", "code", "written"),
    [
        ("if c:\n    $$b", "$$b", "if c:\n    a()  # why\n\n    b()\n", "a()  # why\n\nb()"),
        ("if c:\n    $$b", "while d:\n  $$b", "if c: a(); b()\n", "while d:\n  a(); b()"),
        (
            "if c:\n    $$b",
            "with d:\n    $$b\n    end()",
            "if c:\n        a('''\n  x''')\n        b()  # last\n",
            "with d:\n    a('''\n  x''')\n    b()  # last\n    end()",
        ),
        (
            "a()\n$$b\nc()",
            "if d:\n    $$b\nelse:\n    e()",
            "a()\nc()\n",
            "if d:\n    pass\nelse:\n    e()",
        ),
        ("a()\n$$b\nc()", "a()\n$$b\nc(1)", "a()\nc()\n", "a()\nc(1)"),
        ("a()\n$$b\nc()", "$$b", "a()\nc()\n", ""),
        ("x = $v", "x = g($v)", "x = f(\n    1,\n)\n", "x = g(f(\n    1,\n))"),
        ("x = $v", "return $v", "x = (a\n     or b)\n", "return (a\n     or b)"),
        ("class A($$b): pass", "class A($$b, M): pass", "class A: pass\n", "class A(M): pass"),
        (
            "class A($$b): pass",
            "class A($$b, k=1): pass",
            "class A(B, metaclass=M): pass\n",
            "class A(B, metaclass=M, k=1): pass",
        ),
    ],
)
def test_statements_are_written_flush_left(
    find: str, replacement: str, code: str, written: str
) -> None:
    assert _write(find, replacement, code) == written


def test_what_is_bound_keeps_its_quotes_and_comments() -> None:
    code = "f({'a': \"b\",  # why\n   0x10: 1_000})\n"
    assert _write("f($x)", "g($x)", code) == "g({'a': \"b\",  # why\n   0x10: 1_000})"


def test_metavariables_in_strings_and_comments_stay_text() -> None:
    written = _write("x = $v", "y = '$v', $v  # $v", "x = 1\n")
    assert written == "y = '$v', 1  # $v"


@given(shape=expressions(metavariables=True), one=expressions(), other=expressions())
def test_every_written_expression_parses_to_what_was_meant(
    shape: ast.expr, one: ast.expr, other: ast.expr
) -> None:
    """CPython's own parser decides, for random replacements around random bindings."""
    source = source_of(f"find(({ast.unparse(one)}), ({ast.unparse(other)}))\n")
    find = Pattern.parse("find($x, $y)")
    (match, *_) = find.matches(source.module)
    template = Template.parse(decode(ast.unparse(shape)), find.names)
    written = template.expression(match.bindings, source, match.nodes[0])  # type: ignore[arg-type]
    meant = substitute(template.pattern.nodes[0], match.bindings)
    assert dump(ast.parse(f"({written})", mode="eval").body) == dump(meant)


def test_a_pattern_is_not_changed_by_being_filled() -> None:
    pattern = Pattern.parse("if $c:\n    $$body", written=True)
    before = ast.dump(pattern.nodes[0])
    bindings = {"c": ast.parse("a", mode="eval").body, "body": [ast.Pass(), ast.Pass()]}
    (filled,) = substitute_all(pattern.nodes, bindings)  # type: ignore[arg-type]
    assert ast.unparse(filled) == "if a:\n    pass\n    pass"
    assert ast.dump(pattern.nodes[0]) == before
