r"""The tokens of C, C++ and CUDA, as the phases 2 and 3 of translation give them ([lex.phases]).

Lexing is lossless and takes any bytes: what is no token at all is one of kind `OTHER`. Bytes are
read as Latin-1, so that one character is one byte, in any encoding that has ASCII in it.

Where this is not the standard's maximal munch: every `>` that is not part of `->` or `>=` is a
token of its own, so `>>` is two of them and `>>=` is `>` and `>=`. That is what closes templates
and launches of CUDA, and a shift is found all the same. `<<<` is one token, as for nvcc. The name
of a header, `<a/b.h>`, is the tokens that it is made of.

As gcc and clang do, a line splice may have white space behind its backslash.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator


class Kind(Enum):
    """What a token is."""

    SPACE = "space"
    NEWLINE = "newline"
    COMMENT = "comment"
    IDENTIFIER = "identifier"
    NUMBER = "number"
    STRING = "string"
    CHARACTER = "character"
    OPERATOR = "operator"
    OTHER = "other"


class Token(NamedTuple):
    """One token of a file.

    Attributes:
        kind: what it is; a line splice between tokens is of kind `SPACE`.
        text: its bytes as Latin-1. What a compiler sees of it is without the line splices in it;
            so is this text, but for white space and comments.
        start: the offset of its first byte.
        end: the offset behind its last byte.
        directive: the number of the preprocessor directive that it is in, from 1 on; 0 outside.
    """

    kind: Kind
    text: str
    start: int
    end: int
    directive: int


INSIGNIFICANT = frozenset({Kind.SPACE, Kind.NEWLINE, Kind.COMMENT})
"""The kinds that a compiler does not see."""

HASHES = frozenset({"#", "%:"})
"""What a directive begins with."""

_BOM = "\xef\xbb\xbf"
_IDENTIFIER = r"[A-Za-z_$\x80-\xff][0-9A-Za-z_$\x80-\xff]*"
_SPLICE = re.compile(r"\\[ \t\v\f]*(?:\r\n?|\n)")
_RAW_OPENING = re.compile(r"([^()\\\s\"]{0,16})\(")
_SUFFIX = r"(?:_[0-9A-Za-z_$\x80-\xff]*|sv?\b)?"
_SUFFIX_AFTER_RAW = re.compile(_SUFFIX)
_PREFIX = r"(?:u8|[uUL])"
# `<::` is `<` and `::` but before `:` and `>` ([lex.pptoken]).
_OPERATOR = (
    r"->\*?|[(){}\[\];,?~]|::|:>|:|<(?=::(?![:>]))|<<<|<<=?|<=>?|<[:%]|<|>=?|\.\.\.|\.\*|\.|"
    r"\+\+|--|&&|\|\||##|%:%:|%:|%>|[-+*/%^&|=!]=|[-+*/%^&|=!#]"
)
_PARTS = (
    (Kind.SPACE, r"[ \t\v\f\0]+"),
    (Kind.STRING, rf'{_PREFIX}?R"'),
    (Kind.STRING, rf'{_PREFIX}?"[^"\\\r\n]*(?:\\[^\r\n][^"\\\r\n]*)*"{_SUFFIX}'),
    (Kind.CHARACTER, rf"{_PREFIX}?'[^'\\\r\n]*(?:\\[^\r\n][^'\\\r\n]*)*'{_SUFFIX}"),
    (Kind.IDENTIFIER, _IDENTIFIER),
    (Kind.NEWLINE, r"\r\n?|\n"),
    (Kind.COMMENT, r"//[^\r\n]*|/\*[\s\S]*?(?:\*/|\Z)"),
    (Kind.NUMBER, r"\.?[0-9](?:[eEpP][+-]|'[0-9A-Za-z_]|[0-9A-Za-z_$.\x80-\xff])*"),
    (Kind.OPERATOR, _OPERATOR),
    # A quote that nothing closes takes the rest of its line, as in `#error don't`.
    (Kind.OTHER, r"[\"'][^\r\n]*|[\s\S]"),
)
_KINDS = (Kind.OTHER, *(kind for kind, _ in _PARTS))
_RAW = 2
_TOKEN = re.compile("|".join(f"({part})" for _, part in _PARTS))


def lex(data: bytes) -> list[Token]:
    """Split the bytes of a file into tokens; joined in their order, they are the file.

    Args:
        data: any bytes; in a text of ASCII, UTF-8 or another encoding with ASCII in it, the
            tokens are those of a compiler.
    """
    found: list[Token] = []
    make, append, newline = tuple.__new__, found.append, Kind.NEWLINE
    begins_line = True
    directives = directive = 0
    text = data.decode("latin-1")
    if text.startswith(_BOM):
        append(Token(Kind.SPACE, _BOM, 0, len(_BOM), 0))
    for kind, spelled, start, end in _read(text, found[-1].end if found else 0):
        if kind is newline:
            directive, begins_line = 0, True
        elif begins_line and kind not in INSIGNIFICANT:
            begins_line = False
            if spelled in HASHES:
                directives += 1
                directive = directives
        append(make(Token, (kind, spelled, start, end, directive)))
    return found


def _read(text: str, first: int) -> Iterator[tuple[Kind, str, int, int]]:
    """Give kind, text, start and end of all tokens; splices are no part of the text of one."""
    splices = [found.span() for found in _SPLICE.finditer(text, first)]
    whole = _Whole(text, splices)
    joined, cuts = whole.joined, whole.cuts
    at, done, size = first, first, len(joined)
    kinds, space = _KINDS, Kind.SPACE
    while at < size:
        for found in _TOKEN.finditer(joined, at):
            index = found.lastindex or 0
            start, at = found.span()
            if cuts:
                start, end = whole.offset(start), whole.offset(at - 1) + 1
                if start > done:
                    yield space, text[done:start], done, start
            else:
                end = at
            done = end
            if index == _RAW:
                break
            kind = kinds[index]
            spelled = found[0]
            if cuts and kind in INSIGNIFICANT:
                spelled = text[start:end]
            yield kind, spelled, start, end
        else:
            break
        done = _raw_end(text, end)
        if done:
            yield Kind.STRING, text[start:done], start, done
            at = whole.joined_offset(done)
        else:
            # No raw string: its delimiter is none, so `R` is a name, and a string follows.
            at, done = at - 1, end - 1
            yield Kind.IDENTIFIER, found[0][:-1], start, done
    if done < len(text):
        yield space, text[done:], done, len(text)


def _raw_end(text: str, start: int) -> int:
    """Give the end of a raw string whose quote is before `start`; 0 where it is none."""
    opening = _RAW_OPENING.match(text, start)
    if opening is None:
        return 0
    closing = f'){opening[1]}"'
    end = text.find(closing, opening.end())
    if end < 0:
        return len(text)
    suffix = _SUFFIX_AFTER_RAW.match(text, end + len(closing))
    return suffix.end() if suffix else end + len(closing)


class _Whole:
    """A text without its line splices, and where its characters stand in the text with them."""

    def __init__(self, text: str, splices: list[tuple[int, int]]) -> None:
        edges = [0, *(edge for splice in splices for edge in splice), len(text)]
        self._splices = [start for start, _ in splices]
        self._removed = [0]
        self.cuts: list[int] = []
        for start, end in splices:
            self.cuts.append(start - self._removed[-1])
            self._removed.append(self._removed[-1] + end - start)
        pairs = zip(edges[::2], edges[1::2], strict=True)
        self.joined = "".join(text[start:end] for start, end in pairs) if splices else text

    def offset(self, at: int) -> int:
        """Give where a character stands, all splices before it counted."""
        return at + self._removed[bisect_right(self.cuts, at)]

    def joined_offset(self, at: int) -> int:
        """Give the offset in the text without splices of one outside of them."""
        return at - self._removed[bisect_left(self._splices, at)]
