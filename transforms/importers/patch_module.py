"""Write a patch as a module of Python, formatted as the project formats its own."""

from __future__ import annotations

import ast
from dataclasses import MISSING, fields
from typing import TYPE_CHECKING

from transforms.engine.patterns.pattern import blank_lines_around, dedent
from transforms.importers.kinds import family, kind_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transforms.engine.edit import Edit

_WIDTH = 100
_UNIT = "    "
_FIELD = _UNIT * 3
# What loading the module asks the author for, until it is filled in.
_ASKED = {
    "why": "the symptom that a user sees without it",
    "upstream": "a link to the change upstream, or why there is none",
    "drop_when": "a condition that somebody, or the tool, can check",
}
# The fields that hold code: it may stand there indented. All other texts count as they are.
_CODE = {"find", "replace", "anchor", "other_side", "code", "argument", "call", "add", "by"}
_CODE |= {"condition", "orelse", "value", "was", "before", "around"}
_EXACT = {"ReplaceText"}
# The file's bytes stand in `runtime/`.
_LEFT_OUT = {"AddModule": {"data"}}


def patch_module(  # noqa: PLR0913 - the fields of a patch
    edits: Sequence[Edit],
    *,
    docstring: str,
    versions: str,
    why: str = "",
    upstream: str = "",
    drop_when: str = "",
) -> str:
    """Write a patch of these edits.

    What only its author knows may be left empty: then it stands in the module as an empty field,
    with a comment that says what belongs there, and loading the module is an error that names it.

    Args:
        edits: the edits, of the kinds that `transforms.edits` has.
        docstring: one line that says what the user gains.
        versions: the releases that it is for (PEP 440).
        why: the symptom that a user sees without it.
        upstream: a link to the change upstream, or why there is none.
        drop_when: a condition that somebody, or the tool, can check.

    Returns:
        The text of the module.
    """
    said = {"why": why, "upstream": upstream, "drop_when": drop_when}
    lines = [f'"""{_one_line(docstring)}"""', "", *_imports(edits), "", "PATCH = Patch("]
    for name, text in said.items():
        if text.strip():
            lines += _assigned(name, text, _UNIT, exact=True)
        else:
            lines.append(f'{_UNIT}{name}="",  # {_ASKED[name]}')
    lines += _assigned("versions", versions, _UNIT, exact=True)
    lines.append(f"{_UNIT}edits=[")
    for edit in edits:
        lines += _call(edit)
    return "\n".join([*lines, f"{_UNIT}],", ")", ""])


def _one_line(text: str) -> str:
    return " ".join(text.split()).replace("\\", "\\\\").replace('"""', '\\"\\"\\"')


def _imports(edits: Sequence[Edit]) -> list[str]:
    names = sorted({"Patch", *(kind_name(edit).split(".")[0] for edit in edits)}, key=_order)
    line = f"from transforms.edits import {', '.join(names)}"
    if len(line) <= _WIDTH:
        return [line]
    return ["from transforms.edits import (", *(f"{_UNIT}{name}," for name in names), ")"]


def _order(name: str) -> tuple[bool, str]:
    """Sort as ruff does: classes first, then modules."""
    return name.islower(), name


def _call(edit: Edit) -> Iterator[str]:
    kind = kind_name(edit)
    yield f"{_UNIT * 2}{kind}("
    for item in fields(edit):  # type: ignore[arg-type] # every kind of edit is a dataclass
        value = getattr(edit, item.name)
        default = item.default
        if not item.init or item.name in _LEFT_OUT.get(kind, ()):
            continue
        if default is not MISSING and type(value) is type(default) and value == default:
            continue
        if isinstance(value, str):
            # What is flush left in a pattern of Python need not be in other languages.
            exact = kind in _EXACT or bool(family(edit)) or item.name not in _CODE
            yield from _assigned(item.name, value, _FIELD, exact=exact)
        elif isinstance(value, dict):
            pairs = ", ".join(f"{_literal(key)}: {_literal(each)}" for key, each in value.items())
            yield f"{_FIELD}{item.name}={{{pairs}}},"
        else:
            yield f"{_FIELD}{item.name}={value!r},"
    yield f"{_UNIT * 2}),"


def _assigned(name: str, text: str, margin: str, *, exact: bool) -> list[str]:
    """Write a field: on one line, as a block, or as one literal for each line."""
    line = f"{margin}{name}={_literal(text)},"
    if len(line) <= _WIDTH and (exact or "\n" not in text):
        return [line]
    if not exact:
        for indentation in (margin + _UNIT, ""):
            block = _block(text, margin, indentation)
            if block is not None and _means_the_same(block, text):
                return f"{margin}{name}={block},".split("\n")
    # A text without a space is a name.
    pieces = text.splitlines(keepends=True) if "\n" in text else _split(text, margin)
    if len(pieces) == 1:
        return [line]
    written = [f"{margin}{_UNIT}{_literal(piece)}" for piece in pieces]
    return [f"{margin}{name}=(", *written, f"{margin}),"]


def _split(text: str, margin: str) -> list[str]:
    """Break a long sentence between words."""
    room = _WIDTH - len(margin) - len(_UNIT) - 2
    pieces = [""]
    for word in text.split(" "):
        longer = f"{pieces[-1]}{word} "
        if len(_literal(longer)) - 2 > room and pieces[-1]:
            pieces.append(f"{word} ")
        else:
            pieces[-1] = longer
    pieces[-1] = pieces[-1].removesuffix(" ")
    return [piece for piece in pieces if piece]


def _literal(text: str) -> str:
    """Write a text as a literal, in the quotes that need fewer escapes."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    written = []
    for character in text:
        if character in {quote, "\\"}:
            written.append(f"\\{character}")
        elif character == "\n":
            written.append("\\n")
        elif character.isprintable():
            written.append(character)
        else:
            written.append(ascii(character)[1:-1])
    return f"{quote}{''.join(written)}{quote}"


def _block(text: str, margin: str, indentation: str) -> str | None:
    """Write code between triple quotes; None where it cannot stand there as it is."""
    quotes = next((each for each in ('"""', "'''") if each not in text), None)
    printable = all(item.isprintable() or item == "\n" for item in text)
    if quotes is None or not printable:
        return None
    above, below = blank_lines_around(text)
    code = [f"{indentation}{line}" if line.strip() else line for line in dedent(text).split("\n")]
    lines = [*[""] * above, *code, *[""] * below]
    raw = "r" if "\\" in text else ""
    return f"{raw}{quotes}\n" + "\n".join(lines) + f"\n{margin}{quotes}"


def _means_the_same(block: str, text: str) -> bool:
    """Tell whether a block is read as the same code, with the same empty lines around it."""
    value = ast.literal_eval(block)
    same_lines = blank_lines_around(value) == blank_lines_around(text)
    return bool(dedent(value) == dedent(text) and same_lines)
