"""What a pattern of C++ is made of: tokens, and metavariables that bind runs of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from transforms.engine.cpp.code import CLOSING, OPENING, Code
from transforms.engine.cpp.tokens import Kind
from transforms.engine.patterns.metavariables import PatternError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_METAVARIABLE = re.compile(r"(\$\$?)([A-Za-z]\w*)")


class Part(NamedTuple):
    """One token of a pattern.

    Attributes:
        text: what must stand there; for a metavariable, how it is written.
        name: of a metavariable; empty for a plain token.
        many: whether the metavariable is written `$$x`.
        directive: the number of the pattern's directive that it is in; 0 outside.
        enters: it is the first part of that directive.
        leaves: the part before it is in a directive, and this one is not in the same.
        angled: it stands between a `<` of the pattern and the `>` that ends it, so that what it
            binds has these balanced too.
    """

    text: str
    name: str
    many: bool
    directive: int
    enters: bool
    leaves: bool
    angled: bool


def dedent(text: str) -> str:
    """Take away the indentation that all lines of code share, and blank lines around it.

    Lines of directives do not count: they stand further to the left than the code around them.
    """
    lines = text.rstrip().strip("\n").split("\n")
    indents = [len(line) - len(line.lstrip()) for line in lines if _has_margin(line)]
    margin = min(indents, default=len(lines[0]) - len(lines[0].lstrip()))
    return "\n".join(line[min(margin, len(line) - len(line.lstrip())) :] for line in lines)


def _has_margin(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def code_of_pattern(text: str) -> Code:
    """Read what a patch says as code; the indentation that all of it has does not count.

    Raises:
        PatternError: it is empty, a bracket belongs to none, or a string or comment has no end.
    """
    code = Code(dedent(text).encode())
    if not code.tokens:
        raise PatternError(f"there is no code in {text!r}")
    for index, token in enumerate(code.tokens):
        if token.text in OPENING.keys() | CLOSING.keys() and index not in code.partner:
            raise PatternError(f"the {token.text!r} in {text!r} belongs to no other bracket")
        if token.kind is Kind.OTHER:
            raise PatternError(f"{token.text!r} in {text!r} is no token of C++")
    last = code.all[-1]
    if last.kind is Kind.COMMENT and last.text.startswith("/*") and not last.text.endswith("*/"):
        raise PatternError(f"a comment has no end in {text!r}")
    return code


def metavariable(text: str) -> tuple[str, bool]:
    """Give name and kind (`$$` or not) of a metavariable; no name for another token.

    Raises:
        PatternError: it begins like one, and is none.
    """
    if not text.startswith("$"):
        return "", False
    found = _METAVARIABLE.fullmatch(text)
    if found is None:
        raise PatternError(f"{text!r} is no metavariable: write $name or $$name")
    return found[2], found[1] == "$$"


def parts_of(code: Code) -> tuple[Part, ...]:
    """Give the parts of a pattern's code."""
    angled = _angled(code)
    parts: list[Part] = []
    directive = 0
    for index, token in enumerate(code.tokens):
        name, many = metavariable(token.text)
        changes = token.directive != directive
        parts.append(
            Part(
                text=token.text,
                name=name,
                many=many,
                directive=token.directive,
                enters=changes and token.directive > 0,
                leaves=changes and directive > 0,
                angled=index in angled,
            )
        )
        directive = token.directive
    return tuple(parts)


def kinds_of_names(parts: Sequence[Part], text: str) -> Mapping[str, bool]:
    """Tell for each metavariable whether it is a `$$x`.

    Raises:
        PatternError: one name is used as both.
    """
    names: dict[str, bool] = {}
    for part in parts:
        if part.name and names.setdefault(part.name, part.many) != part.many:
            raise PatternError(
                f"${part.name} and $${part.name} are both in {text!r}: name one anew"
            )
    return names


def _angled(code: Code) -> set[int]:
    """Find the tokens between a `<` and the `>` that closes it, if both are in one group."""
    found: set[int] = set()
    levels: list[list[int]] = [[]]
    for index, token in enumerate(code.tokens):
        if token.text in OPENING:
            levels.append([])
        elif token.text in CLOSING:
            levels.pop()
        elif token.text == "<":
            levels[-1].append(index)
        elif token.text == "<<<":
            # What launches a kernel ends with `>>>`, and has comparisons and shifts in it.
            levels[-1] += [-1] * 3
        elif token.text == ">" and levels[-1] and (first := levels[-1].pop()) >= 0:
            found.update(range(first, index))
    return found
