"""Damages to a text of Python that change what it says: made by its tokens and its lines.

They are independent of how the engine reads code, and CPython's parser says whether a damage
changed the meaning. `harmless` has the changes that must not matter.
"""

from __future__ import annotations

import ast
import io
import keyword
import tokenize
import warnings
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from random import Random

_OTHER_OPERATORS = {
    "==": ("!=", " is ", "<=", " in "),
    "!=": ("==",),
    "<": (">=",),
    ">": (">=", "<", "=="),
    "+": ("-",),
    "-": ("+", "~"),
    "*": ("/", "+", "**"),
    "**": ("*",),
    "/": ("//",),
    "=": ("+=",),
    ":": (",",),
    ",": (" or", " +"),
}
_OTHER_WORDS = {
    "and": ("or",),
    "or": ("and",),
    "True": ("False", "1"),
    "False": ("True", "0"),
    "None": ("0", "False", '"None"'),
    "not": ("", "-"),
    "in": ("not in", "=="),
    "is": ("is not", "=="),
    "if": ("while", "if not"),
    "def": ("async def",),
    "async": ("",),
    "await": ("",),
    "as": ("as other_",),
}
_OPENING, _CLOSING = "([{", ")]}"


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
        depth += 1 if token.type == tokenize.OP and token.string in _OPENING else 0
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
    """Tell whether two texts are the same code to CPython's parser.

    The order of keyword arguments that are names and constants does not count.
    """
    return _sorted_out(text) == _sorted_out(other)


@lru_cache(maxsize=16)
def _sorted_out(text: str) -> str:
    module = ast.parse(text)
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            node.keywords.sort(key=lambda item: item.arg or "")
    return ast.dump(module)


def changed_inside(text: str, inside: Sequence[Region], random: Random) -> str:
    """Make one of all damages to what an edit depends on."""
    ways = list(_ways(text, inside))
    random.shuffle(ways)
    return next(_real(text, ways))


def all_changes_inside(text: str, inside: Sequence[Region]) -> Iterator[str]:
    """Make every damage to what an edit depends on, one after the other.

    Names, strings and numbers that differ in one character or in their type alone; other
    operators and words; an argument, element or parameter more, less or elsewhere; a `not` more or
    less; a longer path to a name; a statement between, in another order or in another block.
    """
    return _real(text, dict.fromkeys(_ways(text, inside)))


def _real(text: str, ways: Iterable[str]) -> Iterator[str]:
    """Leave out what is no Python, or says the same."""
    meaning = _said(text)
    return (way for way in ways if _said(way) not in {None, meaning})


def _said(text: str) -> str | None:
    """Give what a text says to CPython's parser; None where it is no Python."""
    with warnings.catch_warnings():
        # Python warns of `is "cuda"`, and takes it.
        warnings.simplefilter("ignore")
        try:
            module = ast.parse(text)
            compile(module, "damaged", "exec", dont_inherit=True)
        except SyntaxError:
            return None
    return ast.dump(module)


def parses(text: str) -> bool:
    """Tell whether a text is Python."""
    return _said(text) is not None


def _ways(text: str, inside: Sequence[Region]) -> Iterator[str]:
    every = pieces(text)
    for region in inside:
        there = [item for item in every if region.holds(item)]
        for number, item in enumerate(there):
            for other in others(item):
                yield text[: item.start] + other + text[item.end :]
            yield from _around(item, there[number - 1] if number else None, region, text)
        yield from _other_lists(there, text)
        yield from _other_lines(region, text)


def others(item: Piece) -> Iterator[str]:
    """Give what could stand in the place of a token: all but the same, or of another type."""
    if item.kind == tokenize.NAME and not keyword.iskeyword(item.text):
        yield from _one_character(item.text)
        yield item.text[0].swapcase() + item.text[1:]
    elif item.kind == tokenize.NAME:
        yield from _OTHER_WORDS.get(item.text, ())
    elif item.kind == tokenize.NUMBER:
        yield from (f"{item.text}.0", f"{item.text}1", f'"{item.text}"')
        yield item.text[:-1] + ("8" if item.text[-1] == "9" else "9")
    elif item.kind == tokenize.STRING and item.text[0] in "\"'" and item.text[-3:] != '"""':
        yield f"b{item.text}"
        quote, inner = item.text[0], item.text[1:-1]
        for other in (*_one_character(inner or "x"), inner.swapcase(), ""):
            yield f"{quote}{other}{quote}"
    else:
        yield from _OTHER_OPERATORS.get(item.text, ())


def _one_character(text: str) -> Iterator[str]:
    for at in {0, len(text) // 2, len(text) - 1}:
        yield text[:at] + ("q" if text[at] != "q" else "z") + text[at + 1 :]
    yield f"{text}s"
    yield text[:-1]


def _around(item: Piece, before: Piece | None, region: Region, text: str) -> Iterator[str]:
    """Put something in front of a token, or behind it."""
    first, rest = text[: item.start], text[item.start :]
    added = {"(": ("extra, ", "*extra, "), "[": ("extra, ",)}.get(item.text, ())
    for more in added:
        alone = text[item.end :].lstrip()[:1] in _CLOSING
        yield text[: item.end] + (more.rstrip(", ") if alone else more) + text[item.end :]
    if item.text in {")", "]"}:
        for more in ("extra", "extra=1", "*extra", "**extra", "*, extra=1"):
            yield f"{first}{more if before and before.text in '([' else f', {more}'}{rest}"
    if item.kind == tokenize.NAME:
        yield f"{first}more.{rest}"
    if item.end < region.end:
        yield from (text[: item.end] + more + text[item.end :] for more in (".more", "[0]", "(0)"))
    if item.start > region.start:
        # Behind a `not`, what was there would stand behind the new one, as it was.
        if before is None or before.text != "not":
            yield f"{first}not {rest}"
        yield f"{first}*{rest}"


def _other_lists(there: Sequence[Piece], text: str) -> Iterator[str]:
    """Swap, double and leave out what commas separate."""
    for number, comma in enumerate(there):
        if comma.text != ",":
            continue
        left = _run([*reversed(there[:number])], comma.depth, _OPENING)
        right = _run(there[number + 1 :], comma.depth, _CLOSING)
        by_name = ["=" in {item.text for item in run} for run in (left, right)]
        # The order of arguments that have names does not matter.
        if not left or not right or all(by_name):
            continue
        start, end = left[-1].start, right[-1].end
        one, other = text[start : left[0].end], text[right[0].start : end]
        for written in (f"{other}, {one}", one, other, f"{one}, {one}, {other}"):
            yield text[:start] + written + text[end:]


def _run(there: Sequence[Piece], depth: int, edges: str) -> list[Piece]:
    """Give the tokens up to the next comma or bracket of a list."""
    found: list[Piece] = []
    for item in there:
        is_edge = item.depth == depth and (item.text == "," or item.text in edges)
        if is_edge or item.depth < depth or item.kind == tokenize.NEWLINE:
            break
        found.append(item)
    return found


def _other_lines(region: Region, text: str) -> Iterator[str]:
    """Put a statement between lines, change their order, or put one into another block."""
    lines = text.splitlines(keepends=True)
    first, last = (text.count("\n", 0, edge) for edge in (region.start, region.end))
    for number in range(first + 1, last + 1):
        line = lines[number]
        margin = line[: len(line) - len(line.lstrip())]
        before, rest = lines[:number], lines[number + 1 :]
        yield "".join([*before, f"{margin}upstream_added = 4711\n", line, *rest])
        yield "".join([*before[:-1], line, before[-1], *rest])
        yield "".join([*before, line.removeprefix("    "), *rest])
        yield "".join([*before, f"{margin}if upstream_added:\n    {line}", *rest])
        yield "".join([*before, *rest])


def doubled(text: str, region: Region) -> str:
    """Let the innermost statement around a region, or its definition, stand there twice."""
    line = text.count("\n", 0, region.start) + 1
    around = [
        (_first_line(node), node.end_lineno or node.lineno)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.stmt) and _first_line(node) <= line <= (node.end_lineno or 0)
    ]
    first, last = min(around, key=lambda span: span[1] - span[0])
    last = max(last, text.count("\n", 0, region.end - 1) + 1)
    lines = text.splitlines(keepends=True)
    return _checked("".join([*lines[:last], *lines[first - 1 :]]))


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(item.lineno for item in decorators)])


def moved_away(text: str, region: Region) -> str:
    """Move the whole lines of a region into a new function at the end of the file."""
    start = text.rfind("\n", 0, region.start) + 1
    end = text.find("\n", region.end) + 1 or len(text)
    moved = text[start:end]
    margin = moved[: len(moved) - len(moved.lstrip())]
    lines = [f"    {line.removeprefix(margin)}" for line in moved.splitlines(keepends=True)]
    elsewhere = f"\n\nasync def elsewhere():\n{''.join(lines)}"
    return _checked(f"{text[:start]}{margin}pass\n{text[end:]}{elsewhere}")


def in_another_class(text: str, method: str) -> str:
    """Let a method, and all behind it in its class, be another class's."""
    (node,) = (
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == method
    )
    lines = text.splitlines(keepends=True)
    at = _first_line(node) - 1
    return _checked("".join([*lines[:at], "class Elsewhere:\n", *lines[at:]]))


def _checked(text: str) -> str:
    # What is no Python would be refused for that alone.
    assert parses(text), text
    return text
