"""What a proof cuts out of upstream's C++, so that a compiler can judge it without torch."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from transforms.engine.cpp.code import Code

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

_ENDS = frozenset({";", "{", "}"})


def definition(data: bytes, name: str, *, begins: str) -> str:
    """Give the definition of a function or a struct, with what is in front of its name.

    Args:
        data: the file.
        name: its name; it must be defined once.
        begins: the word that it begins with, e.g. `template`, `struct` or its type's first one.
    """
    code = Code(data)
    found = []
    for index in code.places[name]:
        end = index + 1
        while end < len(code.tokens) and code.tokens[end].text not in _ENDS:
            end = code.end_of_unit(end)
        first = index
        while (
            first
            and code.tokens[first - 1].text not in _ENDS
            and not code.tokens[first - 1].directive
        ):
            first -= 1
        if code.tokens[end].text == "{" and code.tokens[first].text == begins:
            found.append(code.text(first, code.partner[end] + 1))
    (text,) = found
    return text


def statements(data: bytes, wanted: Callable[[set[str]], bool]) -> list[str]:
    """Give the simple statements, up to their `;`, whose words are wanted; those of macros not.

    Args:
        data: the file.
        wanted: tells from the texts of a statement's tokens whether it is meant.
    """
    return [text for text, words in _statements(Code(data)) if wanted(words)]


def _statements(code: Code) -> Iterator[tuple[str, set[str]]]:
    first = index = 0
    while index < len(code.tokens):
        token = code.tokens[index]
        if token.directive:
            first = index + 1
        elif token.text in _ENDS:
            if token.text == ";" and first < index:
                words = {each.text for each in code.tokens[first:index]}
                yield code.text(first, index + 1), words
            first = index + 1
        index = code.end_of_unit(index) if token.text in {"(", "["} else index + 1


def conditions(data: bytes, words: frozenset[str]) -> list[str]:
    """Give what stands in the brackets, or else in the statement, around each of some words.

    Args:
        data: the file.
        words: texts of tokens.
    """
    code = Code(data)
    places = sorted(index for word in words for index in code.places.get(word, ()))
    found = {_around(code, place) for place in places if not code.tokens[place].directive}
    return [code.text(first, last) for first, last in sorted(found)]


def _around(code: Code, place: int) -> tuple[int, int]:
    first = place
    while first and code.tokens[first - 1].text not in _ENDS:
        if code.tokens[first - 1].text == "(":
            if code.partner[first - 1] > place:
                return first, code.partner[first - 1]
            break
        first = (
            code.partner.get(first - 1, first - 1)
            if code.tokens[first - 1].text in {")", "]"}
            else first - 1
        )
    last = place
    while code.tokens[last].text not in _ENDS:
        last = code.end_of_unit(last)
    return first, last


def up_to(data: bytes, begins: str, ends: str) -> str:
    """Give what begins with some words, up to what is behind it.

    Args:
        data: the file.
        begins: what stands in it; the first place counts.
        ends: what is not part of it any more.
    """
    text = data.decode()
    start = text.index(begins)
    return text[start : text.index(ends, start)]


def errors_of(compiler: Sequence[str], program: str, path: Path) -> str:
    """Give what a compiler says of a program that it refuses; empty where it takes it.

    Args:
        compiler: the command, without the file.
        program: the text.
        path: where it is written; its name's end says which language it is.
    """
    path.write_text(program)
    done = subprocess.run(
        [*compiler, path], capture_output=True, text=True, check=False, cwd=path.parent
    )
    said = done.stdout + done.stderr
    assert bool(done.returncode) == ("error" in said), said
    return said if done.returncode else ""
