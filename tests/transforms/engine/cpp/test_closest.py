"""The closest code to a pattern is what a person would compare it with."""

from __future__ import annotations

import pytest

from transforms.engine.cpp.closest import closest_to
from transforms.engine.cpp.code import code_of
from transforms.engine.cpp.pattern import CppPattern
from transforms.engine.explaining.closest import Closest
from transforms.engine.syntax.source import Source


def _closest(pattern: str, text: str) -> Closest:
    source = Source("m.cu", text.encode())
    code = source.once(code_of)
    return closest_to(CppPattern.parse(pattern), source, code, 0, len(code.tokens))


@pytest.mark.parametrize(
    ("pattern", "there", "difference"),
    [
        ("launch(a, $b, 2);", "launch(a, f(x, y), 3);", "2 -> 3"),
        ("launch(a, $b);", "launch(a, b, c);", ""),
        ("int $x = size, y;", "int n = size + 1;", ""),
        ("const int n = f(1);", "int n = f(1);", "without const"),
        ("int n = f(1);", "int n = ::f(1);", "added ::"),
        ("a.alpha(b);", "a->alpha(b);", ". -> ->"),
    ],
)
def test_what_differs_is_said_where_it_is_one_thing(
    pattern: str, there: str, difference: str
) -> None:
    found = _closest(pattern, f"int other;\nvoid f() {{\n  {there}\n}}\n")
    assert found.line == 3
    assert there.startswith(found.text) or found.text in there
    assert found.difference == difference


def test_the_nearest_of_several_is_meant() -> None:
    text = "launch(a, b, c, d);\nlaunch(a, 2);\nlaunched(a);\n"
    assert _closest("launch(a, 1);", text).line == 2


def test_a_directive_in_between_is_said() -> None:
    found = _closest("launch($a); sync(b);", "launch(a, f(\n#define X\n1));\nsync(b);\n")
    assert found == Closest("launch(a, f(", 1, "a directive stands in it")


def test_code_that_shares_no_word_is_not_close() -> None:
    assert _closest("launch(a);", "start(b);\n(c);\n") == Closest()


def test_a_long_file_is_searched_around_rare_words() -> None:
    text = "a = b;\n" * 3_000 + "launch(a, 2);\n" + "a = b;\n" * 3_000
    found = _closest("launch(a, 1); a = b;", text)
    assert (found.line, found.difference) == (3_001, "1 -> 2")
