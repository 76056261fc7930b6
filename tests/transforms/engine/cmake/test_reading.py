"""CMake is read as CMake reads it, and what cannot be read is said."""

from __future__ import annotations

import sys

import pytest

from tests.transforms.cmake_files import PATH, assert_untouched
from transforms.edits.cmake import InsertAfter, Remove, Replace
from transforms.engine.cmake.reading import CMakeError, errors_in, is_readable, read
from transforms.engine.cmake.syntax import Argument, Block, Command, commands_of


def _arguments(text: str) -> list[str]:
    (command,) = commands_of(read(text.encode()))
    return [item.text for item in command.arguments if isinstance(item, Argument)]


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("f()\n", []),
        ('f(a "b c" [[d]])\n', ["a", '"b c"', "[[d]]"]),
        ('f(-Da="b c"d e)\n', ['-Da="b c"d', "e"]),
        ("f(NOT(a OR(b)))\n", ["NOT", "(", "a", "OR", "(", "b", ")", ")"]),
        ('f("a"(b))\n', ['"a"', "(", "b", ")"]),
        ('f(a # b "c"\n  #[[ d ]] e)\n', ["a", "e"]),
        ("f(${a${b}}c;d $<$<A:b>:c>)\n", ["${a${b}}c;d", "$<$<A:b>:c>"]),
        ('f("a\r\nb")\r\n', ['"a\nb"']),
        ("\ufefff(é)\n", ["é"]),
    ],
)
def test_arguments_are_what_stands_between_blanks_and_comments(
    text: str, arguments: list[str]
) -> None:
    assert _arguments(text) == arguments


def test_a_block_has_its_branches_in_order() -> None:
    text = b"IF(a)\n f()\nElseIf(b)\n foreach(x)\n g()\n endforeach()\nelse()\nendif(a)\n"
    (block,) = read(text)
    assert isinstance(block, Block)
    assert [header.name for header, _ in block.branches] == ["if", "elseif", "else"]
    assert [len(body) for _, body in block.branches] == [1, 1, 0]
    inner = block.branches[1][1][0]
    assert isinstance(inner, Block)
    assert isinstance(inner.branches[0][1][0], Command)
    assert text[block.start : block.end] == text.strip()


@pytest.mark.parametrize(
    ("text", "line"),
    [(b"f()\nf(a\n", 3), (b"if(a)\nf()\n", 1), (b"f()\n)\n", 2), (b"f(\xff)\n", 1)],
)
def test_what_is_no_cmake_is_an_error_with_its_line(text: bytes, line: int) -> None:
    with pytest.raises(CMakeError) as caught:
        read(text)
    assert caught.value.line == line


def test_errors_are_listed() -> None:
    assert errors_in(b"f()\n") == []
    assert [line for line, _ in errors_in(b"f()\nf(a\n")] == [3]


@pytest.mark.parametrize("name", ["tree_sitter", "tree_sitter_cmake"])
def test_without_its_packages_an_edit_is_declared_and_says_what_to_install(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    assert not is_readable()
    for edit in (
        Replace(path=PATH, find="f(a)", replace="f(b)"),
        Remove(path=PATH, find="f(a)"),
        InsertAfter(path=PATH, anchor="f(a)", code="f(b)"),
    ):
        problem = assert_untouched(edit, "f(a)\n")
        assert "needs tree-sitter; install it: pip install 'tree-sitter" in problem.reason
