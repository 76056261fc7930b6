"""`inside` of an edit of C++: from a qualified name to the tokens of its definition."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from transforms.engine.cpp.code import Code
from transforms.engine.cpp.definitions import What, definitions
from transforms.engine.cpp.files import CPP
from transforms.engine.outcome import Problem, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transforms.engine.cpp.definitions import Definition
    from transforms.engine.syntax.source import Source, Tree

_MACRO = re.compile(r"#\s*define\s+([A-Za-z_]\w*)")
_NAME = r"~?[A-Za-z_]\w*"
_QUALIFIED = re.compile(rf"(?:{_NAME}::)*(?:{_NAME}|operator\W.*)")
_SHOWN = 3
_LINES_SHOWN = 8
_SIMILAR = 0.65


def check_inside(inside: str) -> None:
    """Refuse what is no name of a definition.

    Raises:
        ValueError: it is neither empty, nor a qualified name, nor `#define NAME`.
    """
    if inside and not (_MACRO.fullmatch(inside) or _QUALIFIED.fullmatch(inside)):
        raise ValueError(f"`inside` must be a::b::name or '#define NAME', not {inside!r}")


def tokens_inside(inside: str, source: Source, code: Code, tree: Tree) -> tuple[int, int] | Problem:
    """Find the definition that an edit is for.

    Args:
        inside: its name; the namespaces it begins with may be left out. Empty for the whole file.
        source: the file.
        code: its tokens.
        tree: the pristine tree, where a missing name is looked for.

    Returns:
        The first token and the one behind the last, or why there is no such definition.
    """
    if not inside:
        return 0, len(code.tokens)
    there = list(definitions(code))
    found = _named(inside, there)
    if len(found) == 1:
        return found[0].first, found[0].last
    if found:
        lines = [source.line_of(code.tokens[item.first].start) for item in found]
        more = f" and {len(lines) - _LINES_SHOWN} more" if len(lines) > _LINES_SHOWN else ""
        whole = {item.qualified for item in found}
        step = "write all of one of these names" if len(whole) == len(found) else ""
        return Problem(
            status=Status.DRIFTED,
            reason=f"{inside!r} is defined {len(found)} times in this file",
            path=source.path,
            scope=inside,
            notes=(
                f"at lines {', '.join(map(str, lines[:_LINES_SHOWN]))}{more}",
                *([f"as {name}" for name in sorted(whole)] if step else []),
            ),
            next_step=step
            or "leave `inside` empty or name what is around it, and say more in the pattern",
        )
    elsewhere = list(_elsewhere(inside, source.path, tree))
    return Problem(
        status=Status.MISSING,
        reason=f"no definition of {inside!r} in this file",
        path=source.path,
        scope=inside,
        notes=(
            *(f"this release has it in {place}" for place in elsewhere),
            *_similar(inside, there),
        ),
        next_step=f"if that is the same code, change `path` to {elsewhere[0].rpartition(':')[0]!r}"
        if elsewhere
        else "",
    )


def _named(inside: str, there: Sequence[Definition]) -> list[Definition]:
    """Give the definitions of a name; where one has exactly it, those with more are not meant."""
    macro = _MACRO.fullmatch(inside)
    if macro:
        return [item for item in there if item.what is What.MACRO and item.names == (macro[1],)]
    wanted = tuple(inside.split("::")) if "operator" not in inside else _operator(inside)
    meant = [
        item
        for item in there
        if item.what is not What.MACRO
        and item.names[-len(wanted) :] == wanted
        and len(item.names) - len(wanted) <= item.optional
    ]
    return [item for item in meant if item.names == wanted] or meant


def _operator(inside: str) -> tuple[str, ...]:
    """Split the name of an operator, which may have `::` in a type that it converts to."""
    before, _, after = inside.partition("operator")
    shown = " ".join(after.split()) if after[:1].isspace() else "".join(after.split())
    word = " " if re.match(r"\s+\w", after) else ""
    return (*before.split("::")[:-1], f"operator{word}{shown.lstrip()}")


def _similar(inside: str, there: Sequence[Definition]) -> Iterator[str]:
    names = {item.names[-1]: item.qualified for item in there}
    last = re.split(r"::|\s", inside)[-1]
    for name in get_close_matches(last, list(names), _SHOWN, _SIMILAR):
        yield f"there is {names[name]}"


def _elsewhere(inside: str, path: str, tree: Tree) -> Iterator[str]:
    """Give the other files of the tree that have such a definition."""
    needle = re.split(r"::|\s", inside)[-1].encode()
    shown = 0
    for other in sorted(tree):
        if other == path or not other.endswith(CPP) or shown == _SHOWN:
            continue
        data = tree.read(other)
        if needle in data:
            code = Code(data)
            for item in _named(inside, list(definitions(code)))[:1]:
                shown += 1
                line = data.count(b"\n", 0, code.tokens[item.first].start) + 1
                yield f"{other}:{line}"
