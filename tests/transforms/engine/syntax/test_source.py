"""Positions: byte spans that hold in every file that Python accepts."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transforms.trees import MemoryTree, node_at, source_of
from transforms.engine.syntax.source import (
    Source,
    SourceError,
    all_blocks,
    blocks,
    files_with,
    walk_addressable,
)

_BOM = b"\xef\xbb\xbf"
_LINE_ENDS = st.sampled_from(["\n", "\r\n", "\r"])
_BEFORE = st.sampled_from(["", "é = '日本'; ", "'🎈'; ", "\x0c", "f(a,\t'ß'); "])


@given(
    bom=st.booleans(),
    lines=st.lists(st.tuples(_BEFORE, _LINE_ENDS), min_size=1, max_size=6),
    indented=st.booleans(),
)
def test_names_are_found_at_their_bytes(
    *, bom: bool, lines: list[tuple[str, str]], indented: bool
) -> None:
    """Multi-byte characters, tabs, form feeds, marks and every line end in one file."""
    text = "if x:\n" if indented else ""
    margin = "\t" if indented else ""
    for number, (before, end) in enumerate(lines):
        # A form feed starts a line's columns anew, so it stands before the indentation.
        lead = before + margin if before == "\x0c" else margin + before
        text += f"{lead}name_{number}{end}"
    source = Source("m.py", (_BOM if bom else b"") + text.encode())
    found = [
        source.text(source.span(node))
        for node in ast.walk(source.module)
        if isinstance(node, ast.Name) and node.id.startswith("name_")
    ]
    assert sorted(found) == [f"name_{number}" for number in range(len(lines))]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("bom", [b"", _BOM])
def test_lines_begin_behind_each_kind_of_line_end(end: bytes, bom: bytes) -> None:
    data = bom + b"a" + end + b"b" + end
    source = Source("m.py", data)
    assert source.newline == end
    assert source.line_start(1) == len(bom)
    assert source.line_start(2) == len(bom) + 1 + len(end)
    assert source.line_start(9) == len(data)
    assert [source.line_of(offset) for offset in range(len(bom) + 1)] == [1] * (len(bom) + 1)
    assert source.line_of(data.index(b"b")) == 2


def test_an_empty_file_is_an_empty_module() -> None:
    source = Source("m.py", b"")
    assert source.module.body == []
    assert (source.newline, source.line_of(0), source.line_start(1)) == (b"\n", 1, 0)


def test_a_statement_begins_at_its_first_decorator() -> None:
    source = source_of("x = 1\n@one\n@two(a @ b)\nasync def f(): pass\n")
    statement = source.module.body[1]
    assert source.text(source.span(statement)) == "async def f(): pass"
    assert source.text(source.statement_span(statement)).startswith("@one\n@two")


def test_an_at_sign_in_a_comment_is_no_decorator() -> None:
    source = source_of("class A:\n    @(  # like x@y\n        one)\n    class B: pass\n")
    (outer,) = source.module.body
    (inner,) = outer.body  # type: ignore[attr-defined]
    assert source.text(source.statement_span(inner)).startswith("@(  # like")


def test_indentation_counts_from_a_form_feed() -> None:
    source = source_of(b"if x:\n\x0c\ty = 1\n")
    assert source.indentation(source.data.index(b"y")) == "\t"


@pytest.mark.parametrize(
    "data",
    [
        b"x = '\xff'\n",
        b"y = 1\nx = '\xe9'\n",
    ],
)
def test_bytes_that_are_not_utf8_are_refused_with_their_line(data: bytes) -> None:
    with pytest.raises(SourceError, match="not UTF-8") as caught:
        _ = Source("vllm/m.py", data).module
    assert (caught.value.path, caught.value.line) == ("vllm/m.py", data.count(b"\n"))


@pytest.mark.parametrize(
    "head",
    [
        b"# -*- coding: latin-1 -*-\n",
        b"#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\n",
        b"\n# coding=ascii\n",
    ],
)
def test_another_declared_encoding_is_refused(head: bytes) -> None:
    """CPython would recode the file, and all columns behind a letter like é would be wrong."""
    with pytest.raises(SourceError, match="declares the encoding"):
        _ = Source("m.py", head + "é = found\n".encode()).module


@pytest.mark.parametrize(
    "head",
    [
        b"# -*- coding: utf-8 -*-\n",
        b"# coding: UTF8\n",
        _BOM + b"# coding: utf-8\n",
        b"# a\n# b\n# coding: latin-1\n",
        b"x = 1\n# coding: latin-1\n",
    ],
)
def test_utf8_may_be_declared(head: bytes) -> None:
    source = Source("m.py", head + "é = found\n".encode())
    assert source.text(source.span(node_at(source, "found"))) == "found"


@pytest.mark.parametrize(
    ("data", "line"),
    [(b"x = 1\ny = (\n", 2), (b"x = 1\n\n  y = 2\n", 3), (b"x = '\0'\n", None)],
)
def test_what_is_not_python_is_refused_with_its_line(data: bytes, line: int | None) -> None:
    with pytest.raises(SourceError, match="does not parse") as caught:
        _ = Source("m.py", data).module
    assert line is None or caught.value.line == line


def test_code_that_nests_too_deeply_is_refused() -> None:
    with pytest.raises(SourceError, match="does not parse"):
        _ = Source("m.py", b"x = " + b"-" * 100_000 + b"1\n").module


def test_invalid_escapes_of_upstream_give_no_warning() -> None:
    """`filterwarnings = error` would turn it into an exception here."""
    assert Source("m.py", b"x = '\\d'\n").module.body


def test_the_inside_of_an_f_string_is_not_walked() -> None:
    source = source_of('x = f"{inner} {other:{width}}" + outer\n')
    walked = [node.id for node in walk_addressable(source.module) if isinstance(node, ast.Name)]
    assert walked == ["x", "outer"]


def test_walking_visits_all_but_contexts_in_the_order_of_the_source() -> None:
    source = source_of("def f(a, *, b=1):\n    return [x for x in a if x]\n")
    walked = list(walk_addressable(source.module))
    expected = [node for node in ast.walk(source.module) if not isinstance(node, ast.expr_context)]
    assert {id(node) for node in walked} == {id(node) for node in expected}
    names = [node.id for node in walked if isinstance(node, ast.Name)]
    assert names == ["x", "x", "a", "x"]


def test_blocks_are_found_in_every_compound_statement() -> None:
    source = source_of("""
        try:
            if a: b1
            else: b2
        except E:
            b3
        else:
            for x in y: b4
        finally:
            match z:
                case 1: b5
                case 2: b6
        async def f():
            async with c: b7
    """)
    found = {
        source.text(source.span(block[0]))
        for block in all_blocks(source.module)
        if isinstance(block[0], ast.Expr)
    }
    assert found == {f"b{number}" for number in range(1, 8)}


def test_a_conditional_expression_has_no_blocks() -> None:
    (statement,) = source_of("x = a if b else c\n").module.body
    assert list(blocks(statement)) == []
    assert list(blocks(statement.value)) == []  # type: ignore[attr-defined]


def test_only_python_files_with_all_needles_are_worth_parsing() -> None:
    tree = MemoryTree.of(
        {"b.py": "one two", "a.py": "two one", "c.py": "one", "d.txt": "one two", "e.py": ""}
    )
    assert list(files_with(tree, [b"one", b"two"])) == ["a.py", "b.py"]


def test_a_tree_that_is_at_hand_is_taken_where_the_file_can_be_matched_at_all() -> None:
    tree = ast.parse("a")
    assert Source("m.py", b"a", tree).module is tree
    with pytest.raises(SourceError, match="latin-1"):
        _ = Source("m.py", b"# coding: latin-1\na", tree).module


def test_an_analysis_runs_once_for_each_file() -> None:
    seen: list[str] = []

    def analysis(source: Source) -> int:
        seen.append(source.path)
        return len(source.data)

    one, other = Source("one.py", b"x"), Source("other.py", b"xyz")
    assert [source.once(analysis) for source in (one, one, other, one)] == [1, 1, 3, 1]
    assert seen == ["one.py", "other.py"]
