"""Code is moved to the left and to the right, but not the lines inside of its strings."""

from __future__ import annotations

import pytest

from tests.transforms.trees import source_of
from transforms.engine.syntax.indentation import flush_left, indented
from transforms.engine.syntax.source import Span


@pytest.mark.parametrize(
    ("code", "after"),
    [
        ("a\nb", "\ta\n\tb"),
        ("a\n\nb", "\ta\n\n\tb"),
        ('x = """\na\n"""\nb', '\tx = """\na\n"""\n\tb'),
        ("x = 'a\\\nb'\nc", "\tx = 'a\\\nb'\n\tc"),
        ('x = rb"""\n\\"""\na\n"""', '\tx = rb"""\n\\"""\na\n"""'),
        ('f"""{a}\n{b}"""\nc', '\tf"""{a}\n{b}"""\n\tc'),
        ("# it's\na\n# it's\nb", "\t# it's\n\ta\n\t# it's\n\tb"),
        ('("a"\n"b")', '\t("a"\n\t"b")'),
    ],
)
def test_lines_are_indented_but_not_inside_strings(code: str, after: str) -> None:
    assert indented(code, "\t") == after
    assert indented(code, "\t", first=False) == after.removeprefix("\t")


@pytest.mark.parametrize(
    ("code", "after"),
    [
        ("    f(\n        a,\n    )\n", "f(\n    a,\n)"),
        ("    f(\n  a)\n", "f(\na)"),
        ("    f('''\n    a''',\n    b)\n", "f('''\n    a''',\nb)"),
        ("\tf(\r\n\t\ta)\r\n", "f(\n\ta)"),
    ],
)
def test_code_is_moved_to_the_left_by_the_margin_of_its_first_line(code: str, after: str) -> None:
    source = source_of(f"if 1:\n{code}".encode())
    start = source.data.index(b"f(")
    span = Span(start, len(source.data.rstrip()))
    assert flush_left(span, source) == after


def test_another_margin_is_taken_away_where_one_is_given() -> None:
    source = source_of(b"if 1: f(\n        a)\n")
    assert flush_left(Span(6, 19), source, 4) == "f(\n    a)"
