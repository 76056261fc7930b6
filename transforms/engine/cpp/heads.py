"""What stands in front of a `{`: does it open a class, a function or a value, and of which name?

All functions take the texts of a declaration's units: its tokens, with a group as its opening
bracket alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from transforms.engine.cpp.code import OPENING

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

_CLASS_KEYS = {"class", "struct", "union", "enum"}
# A name before `(` that names no function: attributes, operators on types, what a function has
# behind its parameters, and statements.
_NO_NAME = {
    *("alignas", "alignof", "asm", "decltype", "explicit", "noexcept", "requires", "sizeof"),
    *("static_assert", "throw", "typeof", "if", "for", "while", "switch", "catch", "return"),
}
_ATTRIBUTE = re.compile(r"__\w+__|__declspec|__asm")
# What stands between parameters and body, beside macros and a type behind `->`.
_BEHIND = {"const", "volatile", "noexcept", "override", "final", "try", "&", "&&", "throw"}


def class_name(texts: Sequence[str]) -> tuple[str, ...] | None:
    """Give the name behind `struct` or its like; None where none is defined."""
    keys = _outside_angles(texts, _CLASS_KEYS)
    if not keys:
        return None
    start = keys[0] + 1
    while texts[start : start + 1] and texts[start] in _CLASS_KEYS:
        start += 1
    stop = next((at for at in range(start, len(texts)) if texts[at] == ":"), len(texts))
    while stop > start and texts[stop - 1] == "final":
        stop -= 1
    groups = [at for at in _outside_angles(texts, {"("}) if start <= at < stop]
    if not all(_is_attribute(texts, at) for at in groups):
        # `struct S f() {` is a function.
        return None
    if stop > start and texts[stop - 1] in OPENING:
        return ()
    if texts[stop - 1 : stop] == [">"]:
        stop = _before_angles(texts, stop - 1)
    return _qualified(texts, stop) if stop > start else ()


def _is_attribute(texts: Sequence[str], at: int) -> bool:
    name = texts[at - 1] if texts[at] in OPENING else texts[at]
    return texts[at] == "[" or name == "alignas" or bool(_ATTRIBUTE.fullmatch(name))


def function_name(texts: Sequence[str]) -> tuple[str, ...]:
    """Give the name in front of the parameters; empty where no function is defined."""
    if "operator" in texts:
        return _operator_name(texts)
    candidates = [at for at in _outside_angles(texts, {"("}) if at and _names_function(texts, at)]
    chosen = 0
    for at in candidates:
        if not chosen or _leads(texts[chosen + 1 : at]):
            chosen = at
        else:
            break
    if not chosen or _outside_angles(texts[:chosen], {"="}):
        return ()
    stop = chosen
    if texts[stop - 1] == ">":
        stop = _before_angles(texts, stop - 1)
    return _qualified(texts, stop)


def _leads(between: Sequence[str]) -> bool:
    """Tell whether a macro call, and not parameters, is in front of this: a type and a name."""
    if not between or any(text in _BEHIND or text in {":", "->"} for text in between):
        return False
    return sum(text.isidentifier() for text in between) > 1


def _names_function(texts: Sequence[str], at: int) -> bool:
    name = texts[at - 1]
    if name == ">":
        name = texts[_before_angles(texts, at - 1) - 1]
    return name.isidentifier() and name not in _NO_NAME and not _ATTRIBUTE.fullmatch(name)


def _operator_name(texts: Sequence[str]) -> tuple[str, ...]:
    at = texts.index("operator")
    stop = at + 2 if texts[at + 1 : at + 2] in (["("], ["["]) else at + 1
    while stop < len(texts) and texts[stop] != "(":
        stop += 1
    inner = texts[at + 1 : stop]
    shown = "".join(text + {"(": ")", "[": "]"}.get(text, "") for text in inner)
    space = " " if inner and inner[0].isidentifier() else ""
    return (*_qualified(texts, at, required=False), f"operator{space}{shown}")


def _qualified(texts: Sequence[str], stop: int, *, required: bool = True) -> tuple[str, ...]:
    """Read `a::b<c>::~d` backwards from its end."""
    names: list[str] = []
    at = stop
    if required:
        name = texts[at - 1]
        at -= 1
        if texts[at - 1 : at] == ["~"]:
            at, name = at - 1, f"~{name}"
        names.append(name)
    while at >= 2 and texts[at - 1] == "::":  # noqa: PLR2004 - a name and `::`
        at -= 1
        if texts[at - 1] == ">":
            at = _before_angles(texts, at - 1)
        if not texts[at - 1].isidentifier():
            break
        at -= 1
        names.append(texts[at])
    return tuple(reversed(names))


def _before_angles(texts: Sequence[str], closing: int) -> int:
    """Give the index of the `<` that a `>` belongs to; 0 where there is none."""
    depth = 0
    for at in range(closing, -1, -1):
        depth += {">": 1, "<": -1}.get(texts[at], 0)
        if not depth:
            return at
    return 0


def _outside_angles(texts: Sequence[str], wanted: Container[str]) -> list[int]:
    """Find some units, but not those in the parameters of a template."""
    found: list[int] = []
    depth = 0
    for at, text in enumerate(texts):
        depth += {">": -1, "<": 1}.get(text, 0)
        if text in wanted and depth <= 0:
            found.append(at)
    return found


def is_initializer(texts: Sequence[str]) -> bool:
    """Tell whether a `{` behind some units gives a value, and opens no body."""
    if not texts:
        return False
    if texts[-1] in {"=", ",", "return"}:
        return True
    if "operator" not in texts and _outside_angles(texts, {"="}):
        return True
    # `S() : a(1), b{2} {`: the braces behind a name, not those behind a group.
    if ":" not in texts or _outside_angles(texts, _CLASS_KEYS):
        return False
    colon = texts.index(":")
    is_constructor = "(" in texts[:colon]
    return is_constructor and (texts[-1].isidentifier() or texts[-1] == ">")
