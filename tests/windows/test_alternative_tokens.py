"""`or` and its kin: gcc without them, as MSVC is, refuses upstream's conditions and takes ours."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.windows.extracts import conditions, errors_of
from tests.windows.front_end import strict_front_end
from tests.windows.release import built, built_folder, stock_folder, tree
from tests.windows.tools import needs
from transforms.engine.cpp.files import CPP
from transforms.platforms.windows._folders import NOT_FOR_WINDOWS
from transforms.rules.cpp.alternative_tokens import OPERATORS

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.windows

PATCH = "windows/msvc_alternative_tokens"
RELEASES = ["0.14.1", "0.33.0"]
WORDS = frozenset(OPERATORS)
# What the conditions name, so that the assertions among them hold.
HEAD = """
enum cudaError_t { cudaSuccess };
enum class Status { kSuccess };
struct Index { int x; };
struct Lse { float* ptr_lse; };
namespace cute {
namespace GMMA { struct DescriptorIterator {}; }
template <class A, class B> struct is_base_of { static const bool value = false; };
template <class A> struct is_base_of<A, A> { static const bool value = true; };
}
struct TiledMma { typedef int FrgTypeA; typedef cute::GMMA::DescriptorIterator FrgTypeB; };
template <class> void conditions(cudaError_t result, Status launch_result, Index threadIdx,
                                 Lse params, int hidden_size, int input_stride) {
  const int WARP_NTILE = 32, SmemAlignmentA = 128, SmemAlignmentB = 128;
"""


def _changed(release: str) -> dict[str, tuple[bytes, bytes]]:
    """Give the files that the patch changes: as upstream has them, and as they are built."""
    stock, ours = tree(release), built(release, PATCH)
    return {
        path: (stock.read(path), ours.read(path))
        for path in ours
        if path.startswith("csrc/") and ours.read(path) != stock.read(path)
    }


def _program(cut: list[str]) -> str:
    """Put each condition where it stands upstream: in an assertion, a declaration, a question."""
    lines = [
        f"static_assert({text});"
        if re.search(r',\s*"', text)
        else f"{text};"
        if " = " in text
        else f"if ({text}) {{}}"
        for text in cut
    ]
    return HEAD + "\n".join(lines) + "\n}\n"


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("compiler", ["g++", "clang++-19", "cudafe++"])
def test_no_compiler_needs_the_words(release: str, compiler: str, tmp_path: Path) -> None:
    lenient = [needs("g++"), "-std=c++17", "-fsyntax-only"]
    strict = (
        [*strict_front_end(17), "--no_alternative_tokens", "--no_warnings"]
        if compiler == "cudafe++"
        else [needs(compiler), "-std=c++17", "-fno-operator-names", "-fsyntax-only"]
    )
    symbols = frozenset(OPERATORS.values())
    places = 0
    for stock, ours in _changed(release).values():
        upstreams = conditions(stock, WORDS)
        others = conditions(stock, symbols)
        written = [text for text in conditions(ours, symbols) if text not in others]
        # A condition may have both a word and a symbol, and then is among both.
        assert len(written) == len(upstreams)
        # The programs are good but for the words: a compiler that has them takes them.
        assert errors_of(lenient, _program(upstreams), tmp_path / "words.cpp") == ""
        assert errors_of(strict, _program(upstreams), tmp_path / "stock.cpp") != ""
        assert errors_of(strict, _program(written), tmp_path / "built.cpp") == ""
        places += len(upstreams)
    assert places == 5


@pytest.mark.parametrize(("release", "words"), [("0.14.1", 5), ("0.33.0", 5)])
def test_clang_finds_none_of_the_words_left(release: str, words: int) -> None:
    assert _clangs_count(stock_folder(release)) == words
    assert _clangs_count(built_folder(release, PATCH)) == 0


def _clangs_count(folder: Path) -> int:
    """Count the words that clang's lexer takes for code, in all branches of `#if`."""
    may_hold = re.compile(rb"(?<!\w)(?:" + b"|".join(map(str.encode, sorted(WORDS))) + rb")(?!\w)")
    paths = [
        str(path)
        for path in sorted((folder / "csrc").rglob("*"))
        if path.suffix in CPP
        and not str(path.relative_to(folder)).startswith(NOT_FOR_WINDOWS)
        and may_hold.search(path.read_bytes())
    ]
    command = [needs("clang++-19"), "-cc1", "-x", "c++", "-std=c++20", "-dump-raw-tokens", *paths]
    done = subprocess.run(command, capture_output=True, check=True)
    found = re.findall(rb"^raw_identifier '(\w+)'\t", done.stderr, re.MULTILINE)
    return sum(word.decode() in WORDS for word in found)
