"""The bytes of headers, and what cannot take their place."""

from __future__ import annotations

import ast
import io
import token
import tokenize
from itertools import pairwise
from pathlib import Path

import pytest

from tests.transforms.patterns import COMPOUND
from tests.transforms.trees import source_of
from transforms.engine.patterns.pattern import Pattern
from transforms.engine.patterns.template import Template
from transforms.engine.syntax.source import Source, SourceError
from transforms.engine.writing.header import header_site, header_span


def _headers(code: str | bytes) -> list[str]:
    source = source_of(code)
    return [
        source.text(header_span(node, source))
        for node in ast.walk(source.module)
        if isinstance(node, (*COMPOUND, ast.AsyncFor, ast.AsyncWith, ast.ExceptHandler))
    ]


@pytest.mark.parametrize(
    "header",
    [
        "if a:",
        "if (a):",
        "if (a  # no: colon\n    ):",
        "if a[1:2]  :",
        "if (lambda: 1):",
        "if {a: b}:",
        "if '''\n:''':",
        "if a \\\n :",
        "while (a := b):",
        "for x, y in (z):",
        "for x in y,:",
        "with a as b, (c) as (d):",
        "with (a as b, c,):",
        "with (a, b):",
        "class C:",
        "class C(A, metaclass=M,):",
        "class C():",
        "def f():",
        "def f(a: int = {1: 2}, *, b=(3)) -> 'x: y':",
        "def f(a, /):",
        "def f(a=lambda: 1,  # :\n      ):",
        "async  def f() -> (int):",
    ],
)
@pytest.mark.parametrize("body", ["\n    pass\n", " pass  # x: y\n", "  # x: y\n    pass\n"])
def test_a_header_ends_with_its_colon(header: str, body: str) -> None:
    assert _headers(f"{header}{body}") == [header]


@pytest.mark.parametrize(
    "clause", ["except E:", "except (E) as e :", "except  :", "except (E, F):"]
)
def test_an_except_has_a_header(clause: str) -> None:
    assert _headers(f"try:\n    a\n{clause}  # why:\n    b\n") == [clause]


def test_the_headers_of_real_code_end_where_a_block_begins() -> None:
    """`tokenize` decides: behind the colon that ends a header, a block or a statement begins."""
    path = Path(ast.__file__)
    source = Source(path.name, path.read_bytes())
    tokens = list(tokenize.tokenize(io.BytesIO(source.data).readline))
    ends = {
        source.offset(each.start[0], 0) + len(each.line[: each.end[1]].encode())
        for each, behind in pairwise(tokens)
        if each.exact_type == token.COLON and behind.type in {token.NEWLINE, tokenize.COMMENT}
    }
    found = [
        header_span(node, source).end
        for node in ast.walk(source.module)
        if isinstance(node, (*COMPOUND, ast.ExceptHandler))
        if node.body[0].lineno > node.lineno
    ]
    assert len(found) > 100
    assert set(found) <= ends


def _replaced(find: str, replacement: str, code: str) -> bytes:
    source = source_of(code)
    pattern = Pattern.parse(find)
    (match,) = pattern.matches(source.module)
    template = Template.parse(replacement, pattern.names)
    (node,) = match.nodes
    site = header_site(node, template, match.bindings, source)  # type: ignore[arg-type]
    return site.replacement


@pytest.mark.parametrize(
    ("find", "replacement", "code", "message"),
    [
        ("if b:", "while b:", "if a: x\nelif b: y\n", "an `elif` can only be replaced"),
        ("if a:", "while a:", "if a: x\nelse: y\n", "its `else` or `elif` belongs to this kind"),
        ("for x in y:", "if x:", "for x in y: z\nelse: z\n", "its `else` or `elif` belongs"),
        ("def f(a, $$p):", "def f(*, $$p):", "def f(a): x\n", "cannot be written around"),
        ("def f($$p):", "def f(*a, $$p):", "def f(*b): x\n", "cannot be written around"),
        ("if f($x):", "for $x in y:", "if f(1): z\n", "cannot be written around"),
    ],
)
def test_a_header_that_would_leave_something_over_is_refused(
    find: str, replacement: str, code: str, message: str
) -> None:
    with pytest.raises(SourceError, match=message):
        _replaced(find, replacement, code)


def test_a_header_keeps_the_line_end_of_its_file() -> None:
    code = b"if x:\r\n    def f(a): pass\r\n"
    source = source_of(code)
    (match,) = Pattern.parse("def f($$p):").matches(source.module)
    template = Template.parse("def f(\n    $$p,\n    b,\n):", frozenset({"p"}))
    (node,) = match.nodes
    site = header_site(node, template, match.bindings, source, as_written=True)  # type: ignore[arg-type]
    assert site.replacement == b"def f(\r\n        a,\r\n        b,\r\n    ):"
    assert source.data[site.start : site.end] == b"def f(a):"
    assert site.line == 2
