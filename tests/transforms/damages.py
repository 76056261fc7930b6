"""Damages to a text of Python, made by its tokens: independent of how the engine reads code.

Each damage is chosen by a seed, and CPython's parser says whether it changed the meaning.
"""

from __future__ import annotations

import ast
import io
import keyword
import tokenize
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from random import Random

_OTHER_OPERATOR = {"==": "!=", "!=": "==", "<": ">=", ">": "<=", "+": "-", "-": "+", "*": "+"}
_OTHER_WORD = {"and": "or", "or": "and", "True": "False", "False": "True", "None": "0"}
_CLOSING = ")]}"


class Piece(NamedTuple):
    """One token, as a range of characters."""

    kind: int
    text: str
    start: int
    end: int
    depth: int


@dataclass(frozen=True, slots=True)
class Region:
    """Characters that an edit depends on."""

    start: int
    end: int

    def holds(self, piece: Piece) -> bool:
        """Tell whether a token stands in it."""
        return self.start <= piece.start and piece.end <= self.end


def pieces(text: str) -> list[Piece]:
    """Give the tokens of a text; inside of f-strings there are none."""
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    found, depth, strings = [], 0, 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        name = tokenize.tok_name[token.type]
        # From Python 3.12 on, an f-string is several tokens.
        strings += {"FSTRING_START": 1, "FSTRING_END": -1}.get(name, 0)
        if name in {"FSTRING_END", "FSTRING_MIDDLE"} or strings:
            continue
        depth += {"(": 1, "[": 1, "{": 1}.get(token.string, 0) if token.type == tokenize.OP else 0
        start = starts[token.start[0] - 1] + token.start[1]
        end = starts[token.end[0] - 1] + token.end[1]
        found.append(Piece(token.type, token.string, start, end, depth))
        depth -= 1 if token.type == tokenize.OP and token.string in _CLOSING else 0
    return found


def regions(text: str, parts: Iterable[str]) -> list[Region]:
    """Give where texts stand that an edit depends on; each stands there once.

    Args:
        text: the whole of it.
        parts: texts; where one has `<<` and `>>` in it, only what is between is meant.
    """
    found = []
    for part in parts:
        before, marked, rest = part.partition("<<")
        meant = rest.partition(">>")[0] if marked else before
        whole = part.replace("<<", "").replace(">>", "")
        assert text.count(whole) == 1, part
        start = text.index(whole) + (len(before) if marked else 0)
        found.append(Region(start, start + len(meant)))
    return found


def means_the_same(text: str, other: str) -> bool:
    """Tell whether two texts are the same code to CPython's parser."""
    return ast.dump(ast.parse(text)) == ast.dump(ast.parse(other))


def changed_inside(text: str, inside: Sequence[Region], random: Random) -> str:
    """Change what an edit depends on: a name, a literal, an operator, or an argument more."""
    there = [item for item in pieces(text) if any(region.holds(item) for region in inside)]
    ways = [(item, other) for item in there for other in _others(item, text)]
    random.shuffle(ways)
    for item, other in ways:
        damaged = text[: item.start] + other + text[item.end :]
        if _parses(damaged) and not means_the_same(text, damaged):
            return damaged
    raise AssertionError("nothing can be changed there")


def _others(item: Piece, text: str) -> Iterator[str]:
    if item.kind == tokenize.NAME:
        if item.text in _OTHER_WORD:
            yield _OTHER_WORD[item.text]
        elif not keyword.iskeyword(item.text):
            yield f"{item.text}_2"
    elif item.kind == tokenize.NUMBER:
        yield f"{item.text}1"
    elif item.kind == tokenize.STRING:
        quote = item.text[-1]
        yield item.text.replace(quote, f"{quote}x", 1) if item.text[-3:] != quote * 3 else item.text
    elif item.text in _OTHER_OPERATOR:
        yield _OTHER_OPERATOR[item.text]
    elif item.text == "(":
        yield "(extra" if text[item.end :].lstrip().startswith(")") else "(extra, "


def reformatted(text: str, random: Random) -> str:
    """Change how a text is written, wherever, and not what it says."""
    way = random.choice([_comment_above, _blank_above, _comment_behind, _broken, _requoted, _crlf])
    damaged = way(text, random)
    assert means_the_same(text, damaged), damaged
    return damaged


def _statement_lines(text: str) -> list[int]:
    """Give the lines, from 0, that a statement begins at the start of."""
    module = ast.parse(text)
    lines = text.splitlines()
    found = {
        node.lineno - 1
        for node in ast.walk(module)
        if isinstance(node, ast.stmt) and not getattr(node, "decorator_list", [])
    }
    before = {number for number in found if lines[number - 1].lstrip().startswith("@")}
    return sorted(found - before)


def _above(text: str, number: int, added: str) -> str:
    lines = text.splitlines(keepends=True)
    margin = lines[number][: len(lines[number]) - len(lines[number].lstrip())]
    return "".join([*lines[:number], f"{margin}{added}".rstrip() + "\n", *lines[number:]])


def _comment_above(text: str, random: Random) -> str:
    return _above(text, random.choice(_statement_lines(text)), "# a remark of upstream's")


def _blank_above(text: str, random: Random) -> str:
    return _above(text, random.choice(_statement_lines(text)), "")


def _comment_behind(text: str, random: Random) -> str:
    ends = [item for item in pieces(text) if item.kind == tokenize.NEWLINE]
    at = random.choice(ends).start
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return text[:at] + ("" if "#" in line else "  # a remark of upstream's") + text[at:]


def _broken(text: str, random: Random) -> str:
    places = [item for item in pieces(text) if item.depth and item.text in {"(", "[", ",", "=="}]
    at = random.choice(places).end
    return f"{text[:at]}\n        {text[at:]}"


def _requoted(text: str, random: Random) -> str:
    strings = [
        item
        for item in pieces(text)
        if item.kind == tokenize.STRING
        and item.text[0] in "\"'"
        and not {"\\", "'" if item.text[0] == '"' else '"'} & set(item.text)
        and item.text[:2] != item.text[0] * 2
    ]
    if not strings:
        return text
    item = random.choice(strings)
    quote = "'" if item.text[0] == '"' else '"'
    return f"{text[: item.start]}{quote}{item.text[1:-1]}{quote}{text[item.end :]}"


def _crlf(text: str, random: Random) -> str:  # noqa: ARG001 - one of several ways
    return text.replace("\n", "\r\n")


def changed_outside(
    text: str, edited: str, inside: Sequence[Region], random: Random
) -> tuple[str, str]:
    """Change code that an edit does not depend on, in upstream's text and in the edited one alike.

    Args:
        text: upstream's.
        edited: what the edit makes of it.
        inside: what the edit depends on.
        random: the seeded choice.
    """
    way = random.choice([_other_token, _other_token, _further_statement, _further_function])
    return way(text, edited, inside, random)


def _other_token(
    text: str, edited: str, inside: Sequence[Region], random: Random
) -> tuple[str, str]:
    """Change a name or a literal that stands once in both texts."""
    there, later = pieces(text), pieces(edited)
    times, times_later = (Counter(item.text for item in each) for each in (there, later))
    candidates = [
        (item, other)
        for item in there
        if not any(region.holds(item) for region in inside)
        and item.kind in {tokenize.NAME, tokenize.NUMBER, tokenize.STRING}
        and times[item.text] == times_later[item.text] == 1
        for other in _others(item, text)
    ]
    random.shuffle(candidates)
    for item, other in candidates:
        (again,) = (each for each in later if each.text == item.text)
        damaged = text[: item.start] + other + text[item.end :]
        if _parses(damaged) and not means_the_same(text, damaged):
            return damaged, edited[: again.start] + other + edited[again.end :]
    raise AssertionError("nothing stands outside")


def _further_statement(
    text: str, edited: str, inside: Sequence[Region], random: Random
) -> tuple[str, str]:
    """Put a statement above another whose line stands once in both texts."""
    lines, later = text.splitlines(), edited.splitlines()
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    times, times_later = Counter(lines), Counter(later)
    begins = set(_statement_lines(edited))
    numbers = [
        number
        for number in _statement_lines(text)
        if times[lines[number]] == times_later[lines[number]] == 1
        and later.index(lines[number]) in begins
        and not any(
            region.start < starts[number + 1] and starts[number] < region.end for region in inside
        )
        and not lines[number].lstrip().startswith(("elif", "else", "from __future__", '"""'))
    ]
    number = random.choice(numbers)
    added = "upstream_added = 4711"
    return _above(text, number, added), _above(edited, later.index(lines[number]), added)


def _further_function(
    text: str,
    edited: str,
    inside: Sequence[Region],  # noqa: ARG001 - one of several ways
    random: Random,
) -> tuple[str, str]:
    added = f"\n\ndef upstream_added_{random.randrange(1000)}():\n    return 4711\n"
    return text + added, edited + added


def moved_away(text: str, region: Region) -> str:
    """Move the whole lines of a region into a new function at the end of the file."""
    start = text.rfind("\n", 0, region.start) + 1
    end = text.find("\n", region.end) + 1 or len(text)
    moved = text[start:end]
    margin = moved[: len(moved) - len(moved.lstrip())]
    lines = [f"    {line.removeprefix(margin)}" for line in moved.splitlines(keepends=True)]
    return f"{text[:start]}{margin}pass\n{text[end:]}\n\ndef elsewhere():\n{''.join(lines)}"


def _parses(text: str) -> bool:
    try:
        compile(text, "damaged", "exec", dont_inherit=True)
    except SyntaxError:
        return False
    return True
