"""Changes to a text of Python that must not matter: how code is written, and elsewhere."""

from __future__ import annotations

import ast
import keyword
import re
import tokenize
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from tests.transforms.damages import means_the_same, others, parses, pieces

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from tests.transforms.damages import Region


def reformatted(text: str, random: Random) -> str:
    """Change how a text is written, wherever, and not what it says."""
    ways = [_comment_above, _blank_above, _comment_behind, _broken, _requoted, _crlf]
    way = random.choice([*ways, _other_order, _grouped])
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


def _other_order(text: str, random: Random) -> str:
    """Swap two arguments that have names; upstream's text has some in calls."""
    pairs = [*re.finditer(r"\((\w+=\w+), (\w+=\w+)\)(?! ->|:\n)", text)]
    if not pairs:
        return text
    pair = random.choice(pairs)
    return f"{text[: pair.start()]}({pair[2]}, {pair[1]}){text[pair.end() :]}"


def _grouped(text: str, random: Random) -> str:
    """Put parentheses around a constant or a name that an operator stands in front of."""
    there = pieces(text)
    operands = [
        item
        for before, item in pairwise(there)
        if before.text in {"==", ">", "+", "-", "and", "else"}
        and (item.kind in {tokenize.NUMBER, tokenize.STRING} or item.text.isidentifier())
        and not keyword.iskeyword(item.text)
    ]
    damaged = [f"{text[: item.start]}({item.text}){text[item.end :]}" for item in operands]
    return random.choice([each for each in damaged if parses(each)] or [text])


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
        for other in others(item)
    ]
    random.shuffle(candidates)
    for item, other in candidates:
        (again,) = (each for each in later if each.text == item.text)
        damaged = text[: item.start] + other + text[item.end :]
        if parses(damaged) and not means_the_same(text, damaged):
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
