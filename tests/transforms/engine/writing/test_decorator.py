"""The bytes of decorators, and their whole lines."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from tests.transforms.trees import source_of
from transforms.engine.writing.decorator import decorator_lines, decorator_span

if TYPE_CHECKING:
    from transforms.engine.syntax.source import Source


def _decorators(source: Source) -> list[ast.expr]:
    return [
        decorator
        for node in ast.walk(source.module)
        for decorator in getattr(node, "decorator_list", [])
    ]


@pytest.mark.parametrize(
    "text",
    [
        "@a",
        "@a.b",
        "@ a(1)",
        "@(a)",
        "@((a)(1))",
        "@(  # like x@y (\n    a\n    # )\n)",
        "@a(\n    1,\n)",
        "@a[b @ c]",
        "@(a @ b)",
    ],
)
@pytest.mark.parametrize("behind", ["\n", "  # why (\n", "\n\n# more\n", "\r\n"])
def test_a_decorator_is_all_from_its_sign_to_the_end_of_its_line(text: str, behind: str) -> None:
    """Without the lines of a decorator, all others are there and the definition has none."""
    before, after = "class C:\n    @first\n    ", "    @last\n    def f(self): pass\n"
    source = source_of(f"{before}{text}{behind}{after}".encode())
    decorator = _decorators(source)[1]
    assert source.text(decorator_span(decorator, source)) == text
    start, end = decorator_lines(decorator, source)
    rest = source_of(source.data[:start] + source.data[end:])
    assert [ast.unparse(each) for each in _decorators(rest)] == ["first", "last"]
    assert source.text(decorator_lines(decorator, source)).startswith(f"    {text}")
    assert source.data[end - 1 : end] == b"\n"


def test_every_definition_can_be_decorated() -> None:
    source = source_of("@a\nclass C: pass\n@b\ndef f(): pass\n@c\nasync def g(): pass\n")
    spans = [source.text(decorator_lines(each, source)) for each in _decorators(source)]
    assert spans == ["@a\n", "@b\n", "@c\n"]
