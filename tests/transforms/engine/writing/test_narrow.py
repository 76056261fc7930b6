"""What a replacement does not change stays as upstream wrote it, byte for byte."""

from __future__ import annotations

import ast
import inspect
import json.decoder
import shlex
import textwrap
import tokenize
from collections import Counter
from io import BytesIO

import pytest
from hypothesis import assume, given, note
from hypothesis import strategies as st

from tests.transforms.codegen import dump, expressions, reformatted
from tests.transforms.mutations import mutated
from tests.transforms.trees import node_at, source_of, spliced
from transforms.engine.patterns.template import Template
from transforms.engine.syntax.source import Source, SourceError, all_blocks
from transforms.engine.writing.narrow import narrowed_expression, narrowed_statements
from transforms.engine.writing.placement import expression_site, statements_site

_MODULES = (json.decoder, shlex, textwrap, tokenize)
_SOURCES = {module.__name__: inspect.getsource(module) for module in _MODULES}


def _replaced(before: str, text: str, first: int = 0, last: int | None = None) -> str:
    source = source_of(before)
    site = statements_site(source.module.body[first:last], text, source)
    return spliced(before, [site])


@pytest.mark.parametrize(
    ("before", "text", "after"),
    [
        # Arguments, elements and operands that stay keep their lines and comments.
        (
            "f(\n    a,  # one\n    'b',  # two\n)\n",
            'f(a, "b", c)',
            "f(\n    a,  # one\n    'b',  # two\n    c,\n)\n",
        ),
        (
            "f(\n    a,  # one\n    b  # two\n)\n",
            "f(a, b, k=1)",
            "f(\n    a,  # one\n    b,  # two\n    k=1\n)\n",
        ),
        (
            "f(\n    # of a\n    a,  # one\n    # of b\n    b,  # two\n)\n",
            "f(b)",
            "f(\n    # of b\n    b,  # two\n)\n",
        ),
        ("f(a , 'b')\n", 'f(x, a, "b")', "f(x, a , 'b')\n"),
        ("f(a, b,  c)\n", "f(a, c)", "f(a, c)\n"),
        ("f(a, b,  c)\n", "f(a)", "f(a)\n"),
        ("f(k=1,  j=2)\n", "f(j=3, k=1)", "f(k=1,  j=3)\n"),
        (
            "x = [\n    1,\n    2,  # two\n]\n",
            "x = [0, 1, 2]",
            "x = [\n    0,\n    1,\n    2,  # two\n]\n",
        ),
        (
            "d = {\n    'a': 1,  # one\n    'b': 2,\n}\n",
            'd = {"a": 3, "b": 2}',
            "d = {\n    'a': 3,  # one\n    'b': 2,\n}\n",
        ),
        (
            "if (\n    a  # one\n    and b  # two\n):\n    pass\n",
            "if a and b and c:\n    pass",
            "if (\n    a  # one\n    and b  # two\n    and c\n):\n    pass\n",
        ),
        (
            "if (\n    a  # one\n    and b  # two\n    and c\n):\n    pass\n",
            "if a and c:\n    pass",
            "if (\n    a  # one\n    and c\n):\n    pass\n",
        ),
        ("x = a  <  b\n", "x = a <= b", "x = a  <=  b\n"),
        ("x = (a.b  # why\n     .c)\n", "x = a.b.d", "x = (a.b  # why\n     .d)\n"),
        ("x = 'a'  # why\n", 'y = "a"', "y = 'a'  # why\n"),
        ("@a  # why\n@b\ndef f(): pass\n", "@b\ndef f(): pass", "@b\ndef f(): pass\n"),
        (
            "@a  # why\ndef f( x ): pass\n",
            "@a\n@b\ndef f(x): pass",
            "@a  # why\n@b\ndef f( x ): pass\n",
        ),
        (
            "def f(\n    a,  # one\n    b=1,\n): pass\n",
            "def f(a, c, b=1): pass",
            "def f(\n    a,  # one\n    c,\n    b=1,\n): pass\n",
        ),
        # Statements that stay keep the comments above and behind them.
        (
            "a( 1 )  # one\n\n# of b\nb()\n",
            "a(1)\nx()\nb()",
            "a( 1 )  # one\nx()\n\n# of b\nb()\n",
        ),
        ("a( 1 )  # one\n# of b\nb()\nc( )\n", "a(1)\nc()", "a( 1 )  # one\nc( )\n"),
        ("a( 1 )\nb()", "a(1)\nb()\nx()", "a( 1 )\nb()\nx()"),
        ("a( 1 )\n", "x()\n\n\na(1)", "x()\n\n\na( 1 )\n"),
        (
            "if a:  # why\n  b( 1 )  # one\n",
            "if a:\n    b(1)\n    c()\nelse:\n    d(\n        2)",
            "if a:  # why\n  b( 1 )  # one\n  c()\nelse:\n    d(\n        2)\n",
        ),
        (
            "if a:  # why\n    b( 1 )\nelse:  # not\n    c()\n",
            "if a:\n    b(1)",
            "if a:  # why\n    b( 1 )\n",
        ),
        (
            "try:\n    a( 1 )\nexcept E:  # of E\n    b()\n",
            "try:\n    a(1)\nexcept (E, F):\n    b()",
            "try:\n    a( 1 )\nexcept (E, F):  # of E\n    b()\n",
        ),
        # What the author says about code that stays is said.
        ("a( 1 )\nb( 2 )\n", "a(1)\n# new\nb(2)  # also\nc()",
         "a( 1 )\n# new\nb( 2 )  # also\nc()\n"),
        ("a( 1 )  # old\nb()\n", "a(1)  # new\nc()", "# new\na( 1 )  # old\nc()\n"),
        ("f(a, 'b')\n", 'f(a,  # new\n  "b", c)', 'f(a,  # new\n  "b", c)\n'),
        ("a( 1 )\nb()\n", "a(1)\nc()\n# at the end", "a(1)\nc()\n# at the end\n"),
        # What cannot stay is written as a whole.
        ("a; b\n", "a; c", "a; c\n"),
        ("for a in b: c( 1 )\n", "while b: c(1)", "while b: c(1)\n"),
    ],
)  # fmt: skip
def test_only_what_differs_is_written(before: str, text: str, after: str) -> None:
    there = _replaced(before, text)
    assert there == after
    assert dump(ast.parse(there)) == dump(ast.parse(text))


def test_an_expression_keeps_what_stands_in_it() -> None:
    before = "if (f(a,  # one\n      'b')\n        .c):\n    pass\n"
    source = source_of(before)
    node = source.module.body[0].test  # type: ignore[attr-defined]
    site = expression_site(node, Template.parse('f(a, "b", k=1).d', frozenset()), {}, source)
    assert spliced(before, [site]) == "if (f(a,  # one\n      'b', k=1)\n        .d):\n    pass\n"
    assert site.claim == tuple(source.span(node))


def test_the_test_of_an_elif_keeps_its_lines() -> None:
    before = "if a:\n    pass\nelif (b.c  # why\n      .d):\n    pass\n"
    source = source_of(before)
    node = source.module.body[0].orelse[0].test  # type: ignore[attr-defined]
    site = expression_site(node, Template.parse("b.c.e", frozenset()), {}, source)
    assert spliced(before, [site]) == before.replace(".d", ".e")


def test_the_site_of_several_changes_is_one_from_the_first_to_the_last_changed_byte() -> None:
    before = "if a:  # é\r\n    b( 1 )\r\nc\r\n"
    source = source_of(before.encode())
    found = narrowed_statements(source.module.body[:1], "if x:\n    b(1)\n    y()", source)
    assert found is not None
    assert source.data[found.start : found.end] == "a:  # é\r\n    b( 1 )\r\n".encode()
    assert found.text == "x:  # é\r\n    b( 1 )\r\n    y()\r\n".encode()


def test_a_change_of_a_header_claims_the_header_alone() -> None:
    source = source_of("class A:  # why\n    x = 1\n")
    found = narrowed_statements(source.module.body, "class A(B):\n    x = 1", source)
    assert found is not None
    assert source.text(found.claim) == "class A:  # why"


def test_an_insertion_claims_the_statements_that_it_is_between() -> None:
    source = source_of("a\nb\nc\n")
    found = narrowed_statements(source.module.body, "a\nx\nb\nc", source)
    assert found is not None
    assert (found.start, found.end, found.text, found.behind) == (2, 2, b"x\n", 0)
    assert source.text(found.claim) == "a\nb"


def test_code_that_does_not_change_has_nothing_to_write() -> None:
    source = source_of("f(a,  'b')\n")
    assert narrowed_statements(source.module.body, 'f(a, "b")', source) is None
    node = node_at(source, "f(a,  'b')")
    assert isinstance(node, ast.Expr)
    assert narrowed_expression(node.value, 'f(a, "b")', source) is None


def test_an_f_string_is_written_as_a_whole() -> None:
    assert _replaced("x = f'{a} b', 'c'\n", 'x = f"{d} b", "c"') == "x = f\"{d} b\", 'c'\n"


@given(old=expressions(), new=expressions(), seed=st.integers(0, 2**32), same=st.booleans())
def test_an_expression_becomes_what_is_meant(
    old: ast.expr, new: ast.expr, seed: int, *, same: bool
) -> None:
    """Also where the new one holds the old one, or a part of it, in other clothes."""
    if same:
        statements = mutated([ast.Expr(old)], seed)
        assume(len(statements) == 1 and isinstance(statements[0], ast.Expr))
        new = ast.parse(ast.unparse(statements[0]), mode="eval").body
    before = f"é = ({reformatted(old, seed)})\nif x:\n    y  # kept\n"
    source = Source("m.py", before.encode())
    node = source.module.body[0].value  # type: ignore[attr-defined]
    site = expression_site(node, Template.parse(ast.unparse(new), frozenset()), {}, source)
    after = spliced(before, [site])
    note(after)
    wanted = ast.parse(f"é = ({ast.unparse(new)})\nif x:\n    y\n")
    assert dump(ast.parse(after)) == dump(wanted)
    start, end = source.span(node)
    assert start <= site.start <= site.end <= end


@given(
    module=st.sampled_from([*_SOURCES]),
    place=st.integers(0, 2**16),
    length=st.integers(1, 4),
    seed=st.integers(0, 2**32),
)
def test_real_statements_become_what_is_meant(
    module: str, place: int, length: int, seed: int
) -> None:
    code = _SOURCES[module]
    source = Source("m.py", code.encode())
    blocks = [*all_blocks(source.module)]
    block = blocks[place % len(blocks)]
    first = seed % len(block)
    window = block[first : first + length]
    new = mutated(window, seed)
    text = ast.unparse(ast.Module(new, []))
    try:
        site = statements_site(window, text, source)
    except SourceError as error:
        assert "shares its line" in error.reason or "`elif`" in error.reason  # noqa: PT017
        return
    after = spliced(code, [site])
    note(after[max(0, site.start - 100) : site.start + len(site.replacement) + 100])
    block[first : first + length] = new
    assert dump(ast.parse(after)) == dump(source.module)


@given(module=st.sampled_from([*_SOURCES]), place=st.integers(0, 2**16), seed=st.integers(0, 2**32))
def test_all_comments_of_statements_that_stay_are_still_there(
    module: str, place: int, seed: int
) -> None:
    """One simple statement of a whole function is changed; its own comments may go with it."""
    code = _SOURCES[module]
    source = Source("m.py", code.encode())
    functions = [node for node in ast.walk(source.module) if isinstance(node, ast.FunctionDef)]
    function = functions[place % len(functions)]
    simple = [
        node
        for node in ast.walk(function)
        if isinstance(node, (ast.Assign, ast.Expr, ast.Return)) and node is not function.body[0]
    ]
    assume(simple)
    changed = simple[seed % len(simple)]
    lines = range(changed.lineno, (changed.end_lineno or 0) + 1)
    kept = [text for line, text in _comments(code) if line not in lines]
    text = textwrap.dedent("\n".join(code.split("\n")[function.lineno - 1 : function.end_lineno]))
    whole = ast.parse(text)
    for node in ast.walk(whole):
        if (
            isinstance(node, (ast.Assign, ast.Expr, ast.Return))
            and node.lineno + function.lineno - 1 == changed.lineno
        ):
            node.value = ast.parse("other('x', [1])", mode="eval").body
    definition = whole.body[0]
    assert isinstance(definition, ast.FunctionDef)
    definition.decorator_list = function.decorator_list
    site = statements_site([function], ast.unparse(whole), source)
    after = spliced(code, [site])
    assert not Counter(kept) - Counter(text for _, text in _comments(after))


def _comments(code: str) -> list[tuple[int, str]]:
    found = tokenize.tokenize(BytesIO(code.encode()).readline)
    return [(token.start[0], token.string) for token in found if token.type == tokenize.COMMENT]
