"""Take a change out of a later release: what upstream would have today without it.

The later release itself is then the truth: a patch that is applied to what is left must give it
back. Neither the compiler nor any of the text tools is used for this: a run of lines, or of tokens
where lines were laid out anew or changed beside it, that the change wrote is looked for in the
later function, and what the change had removed is put there. Where there is no such run, or more
than one, the later release is no truth for the change and is left out.
"""

from __future__ import annotations

import io
import tokenize
from difflib import SequenceMatcher
from itertools import pairwise
from typing import NamedTuple

_CONTEXT_LINES = 3
_CONTEXT_TOKENS = (16, 8, 5, 3)
_TELLING_WORDS = 8
_BLANK = {tokenize.NL, tokenize.ENCODING, tokenize.ENDMARKER}


class Reversed(NamedTuple):
    """A later function without a change.

    Attributes:
        text: the function.
        exact: whether every piece was found line by line, so that text tools have a fair chance.
    """

    text: str
    exact: bool


def reverse(old: str, new: str, later: str) -> Reversed | None:
    """Take a change out of a later version of a function.

    Args:
        old: the function before the change.
        new: the function after it.
        later: the function some releases later.

    Returns:
        None where it cannot be said what the later function would be without the change.
    """
    lines, wanted, there = (text.splitlines(keepends=True) for text in (new, old, later))
    exact = True
    pieces: list[tuple[int, int, str]] = []
    starts = _starts(there)
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, lines, wanted, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        at = _line_run(lines, (i1, i2), there)
        if at is not None:
            end = starts[at + i2 - i1]
            pieces.append((starts[at], end, "".join(wanted[j1:j2])))
            continue
        if not _says_code([*lines[i1:i2], *wanted[j1:j2]]):
            continue
        found = _token_runs(new, (i1, i2), old, (j1, j2), later)
        if found is None:
            return None
        exact = False
        pieces += found
    pieces.sort()
    if any(one[1] > other[0] for one, other in pairwise(pieces)):
        return None
    text = later
    for start, end, piece in reversed(pieces):
        text = text[:start] + piece + text[end:]
    return Reversed(text, exact)


def _starts(lines: list[str]) -> list[int]:
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    return starts


def _says_code(lines: list[str]) -> bool:
    return any(line.strip() and not line.strip().startswith("#") for line in lines)


def _line_run(lines: list[str], run: tuple[int, int], there: list[str]) -> int | None:
    """Find a run of lines once, with a neighbour if it says little; give where it begins."""
    first, last = run
    telling = sum(len(line.split()) for line in lines[first:last]) >= _TELLING_WORDS
    for around in range(0 if telling else 1, _CONTEXT_LINES + 1):
        above, below = max(0, first - around), min(len(lines), last + around)
        found: set[int] = set()
        sides = [(above, below)] if not telling and first == last else []
        sides = sides or [(above, last), (first, below), (above, below)]
        for start, end in sides:
            needle = lines[start:end]
            found |= {
                at + first - start
                for at in range(len(there) - len(needle) + 1)
                if there[at : at + len(needle)] == needle
            }
        if len(found) == 1:
            return found.pop()
        if not found:
            return None
    return None


class _Token(NamedTuple):
    key: str
    start: int
    end: int
    line: int


def _tokens(text: str) -> list[_Token]:
    """Give the tokens of a function; a comma before a closing bracket is left out."""
    code = "if 1:\n" + text if text[:1].isspace() else text
    shift = len(code) - len(text)
    starts = _starts(code.splitlines(keepends=True))
    found: list[_Token] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(code).readline):
            if token.type in _BLANK:
                continue
            start = starts[token.start[0] - 1] + token.start[1] - shift
            end = starts[token.end[0] - 1] + token.end[1] - shift
            key = (
                tokenize.tok_name[token.type]
                if token.type in {tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
                else token.string
            )
            if key in {")", "]", "}"} and found and found[-1].key == ",":
                found.pop()
            if start >= 0:
                found.append(_Token(key, start, end, token.start[0] - (1 if shift else 0)))
    except (tokenize.TokenError, IndentationError, SyntaxError, IndexError):
        return []
    return found


def _token_runs(
    new: str, run: tuple[int, int], old: str, wanted: tuple[int, int], later: str
) -> list[tuple[int, int, str]] | None:
    """Find what a run of lines changed, token by token, with tokens around it, once each."""
    ours, theirs, there = _tokens(new), _tokens(old), _tokens(later)
    first, last = _of_lines(ours, run)
    begin, end = _of_lines(theirs, wanted)
    keys = [token.key for token in ours[first:last]]
    wanted_keys = [token.key for token in theirs[begin:end]]
    pieces: list[tuple[int, int, str]] = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(
        None, keys, wanted_keys, autojunk=False
    ).get_opcodes():
        if kind == "equal":
            continue
        at = _place_of(ours, (first + i1, first + i2), there)
        piece = None
        if at is not None:
            piece = _piece(there, at, i2 - i1, old, theirs[max(0, begin + j1 - 1) : begin + j2])
        if piece is None:
            return None
        pieces.append(piece)
    return pieces


def _place_of(ours: list[_Token], run: tuple[int, int], there: list[_Token]) -> int | None:
    keys = [token.key for token in there]
    for around in _CONTEXT_TOKENS:
        above, below = max(0, run[0] - around), min(len(ours), run[1] + around)
        needle = [token.key for token in ours[above:below]]
        found = [
            at + run[0] - above
            for at in range(len(keys) - len(needle) + 1)
            if keys[at : at + len(needle)] == needle
        ]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _of_lines(tokens: list[_Token], run: tuple[int, int]) -> tuple[int, int]:
    inside = [number for number, token in enumerate(tokens) if run[0] < token.line <= run[1]]
    if inside:
        return inside[0], inside[-1] + 1
    at = next((number for number, token in enumerate(tokens) if token.line > run[0]), len(tokens))
    return at, at


def _piece(
    there: list[_Token], at: int, length: int, old: str, wanted: list[_Token]
) -> tuple[int, int, str] | None:
    """Say what is written where: tokens with the white space before them.

    Args:
        there: the tokens of the later function.
        at: where what is replaced begins.
        length: how many tokens that are.
        old: the function before the change.
        wanted: the token in front of what is written, and that.
    """
    if not at or not wanted:
        return None
    before = there[at - 1].end
    end = there[at + length - 1].end if length else before
    if len(wanted) == 1:
        return before, end, ""
    if length:
        return there[at].start, end, old[wanted[1].start : wanted[-1].end]
    return before, end, old[wanted[0].end : wanted[-1].end]
