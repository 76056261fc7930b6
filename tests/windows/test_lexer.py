"""Our tokens of upstream's C++ and CUDA are clang's, at the same places.

clang's raw lexer runs without a preprocessor, so both see all branches of `#if`. Three things are
ours on purpose, and are brought together before the comparison: `<<<` is one token, every `>` but
that of `->` and `>=` is one by itself.
"""

from __future__ import annotations

import re
import subprocess
from collections import defaultdict
from typing import TYPE_CHECKING

import pytest

from tests.windows.release import stock_folder
from tests.windows.tools import needs
from transforms.engine.cpp.code import CLOSING, OPENING, Code
from transforms.engine.cpp.files import CPP
from transforms.engine.cpp.tokens import lex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.windows

_RELEASES = ("0.14.1", "0.33.0")
_AT_ONCE = 40
_RECORD = re.compile(
    rb"(?P<kind>\w+) '(?P<text>.*?)'\t.*?\tLoc=<(?P<path>[^\n]*?):(?P<line>\d+):(?P<column>\d+)>\n",
    re.DOTALL,
)
_PARTS = {">>": (">", ">"), ">>=": (">", ">=")}
_Place = tuple[str, int, int]


def _clangs(folder: Path, paths: Iterable[str]) -> dict[str, list[_Place]]:
    """Give text, line and column (both 1-based) of the significant tokens that clang sees."""
    options = ("-cc1", "-x", "c++", "-std=c++20", "-dump-raw-tokens")
    command = [needs("clang++-19"), *options, *paths]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=True)
    found: defaultdict[str, list[_Place]] = defaultdict(list)
    for record in _RECORD.finditer(done.stderr):
        text = record["text"].decode("latin-1")
        line, column = int(record["line"]), int(record["column"])
        if record["kind"] == b"comment" or (record["kind"] == b"unknown" and not text.strip()):
            continue
        for part in _PARTS.get(text, (text,)):
            found[record["path"].decode()].append((part, line, column))
            column += len(part)
    return {path: list(_launches(tokens)) for path, tokens in found.items()}


def _launches(tokens: list[_Place]) -> Iterator[_Place]:
    """Write `<<` and a `<` directly behind it as one."""
    waiting: _Place | None = None
    for token in tokens:
        if waiting and token == ("<", waiting[1], waiting[2] + 2):
            yield ("<<<", *waiting[1:])
            waiting = None
            continue
        if waiting:
            yield waiting
        waiting = token if token[0] == "<<" else None
        if not waiting:
            yield token
    if waiting:
        yield waiting


def _ours(data: bytes) -> list[_Place]:
    starts = [0, *(found.end() for found in re.finditer(rb"\r\n|\r|\n", data))]
    found = []
    line = 0
    for token in Code(data).tokens:
        while line + 1 < len(starts) and starts[line + 1] <= token.start:
            line += 1
        found.append((token.text, line + 1, token.start - starts[line] + 1))
    return found


def _files(version: str) -> list[Path]:
    folder = stock_folder(version) / "csrc"
    return [path for path in sorted(folder.rglob("*")) if path.name.endswith(CPP)]


@pytest.mark.parametrize("version", _RELEASES)
def test_the_tokens_of_all_files_are_those_of_clang(version: str) -> None:
    files = _files(version)
    assert len(files) > 150
    folder = stock_folder(version)
    names = [path.relative_to(folder).as_posix() for path in files]
    for first in range(0, len(names), _AT_ONCE):
        some = names[first : first + _AT_ONCE]
        clangs = _clangs(folder, some)
        ours = {name: tokens for name in some if (tokens := _ours((folder / name).read_bytes()))}
        assert [name for name in some if ours.get(name) != clangs.get(name)] == []


@pytest.mark.parametrize("version", _RELEASES)
def test_the_tokens_of_all_files_are_their_bytes(version: str) -> None:
    for path in _files(version):
        data = path.read_bytes()
        assert b"".join(data[token.start : token.end] for token in lex(data)) == data


@pytest.mark.parametrize("version", _RELEASES)
def test_every_bracket_of_all_files_belongs_to_another(version: str) -> None:
    brackets = OPENING.keys() | CLOSING.keys()
    for path in _files(version):
        code = Code(path.read_bytes())
        alone = [
            code.tokens[index]
            for index in range(len(code.tokens))
            if code.tokens[index].text in brackets and index not in code.partner
        ]
        assert alone == [], path
