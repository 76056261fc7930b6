"""Read patterns: whole code, headers without a body, and decorators without a definition."""

from __future__ import annotations

import ast
import re
import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from transforms.engine.patterns.metavariables import (
    MANY,
    ROOM,
    TOKEN,
    PatternError,
    check_metavariables,
    encode,
)
from transforms.engine.patterns.parts import Header
from transforms.engine.syntax.source import parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_DEFINITION = "def _(): pass"
_PARTS = {
    "elif": "an `elif` is an `if` to a pattern: write `if`",
    "else": "match the statement that the `else` belongs to",
    "finally": "match the `try` that the `finally` belongs to",
    "try": "match all of the `try`",
    "match": "match all of the `match`, or what it asks about as an expression",
    "case": "match all of the `match`",
}
_FIRST_WORD = re.compile(r"\w*")
_SCANNED = re.compile(
    TOKEN.pattern
    + r"|(?P<word>\b(?:def|lambda)\b)|(?P<open>[(\[{])|(?P<close>[)\]}])"
    + r"|(?P<other>[=!<>:]=)|(?P<equals>=)|(?P<colon>:)",
    re.DOTALL,
)


@dataclass(slots=True)
class _Opened:
    """A bracket that is open, or parameters.

    Attributes:
        kind: the bracket, or `def` or `lambda` for parameters.
        marked: whether a default was seen among the parameters, or a colon in the braces.
        manies: where each `$$x` in it stands.
    """

    kind: str
    marked: bool = False
    manies: list[int] = field(default_factory=list)


def dedent(text: str) -> str:
    """Take away the indentation that all lines of a block share, and blank lines around it."""
    return textwrap.dedent(text).strip("\n").rstrip()


def blank_lines_around(text: str) -> tuple[int, int]:
    """Count the empty lines that a block of code begins and ends with.

    The line end behind opening quotes, and that in front of closing ones, only set the code apart.
    """
    body = text.strip()
    before, _, after = text.partition(body)
    return max(0, before.count("\n") - 1), max(0, after.count("\n") - 1)


def read(text: str) -> tuple[list[ast.stmt], list[ast.expr]]:
    """Read a pattern or a replacement.

    Returns:
        Its statements, a header without a body as a `Header`; or else its decorators.

    Raises:
        PatternError: it is empty or not Python, or a metavariable cannot stand where it does.
    """
    code = dedent(text)
    body, reason = _parsed(code)
    if reason is None and not body:
        raise PatternError(f"a pattern must not be empty: {text!r}")
    if reason is None:
        check_metavariables(body, text)
        return body, []
    header = _header(code)
    if header is not None:
        check_metavariables([header], text)
        if getattr(header.statement, "decorator_list", []):
            raise PatternError(f"a header stands without its decorators: {text!r}")
        return [header], []
    decorated = _parsed(f"{code}\n{_DEFINITION}")[0]
    if code.startswith("@") and len(decorated) == 1:
        check_metavariables(decorated, text)
        return [], getattr(decorated[0], "decorator_list", [])
    word = _FIRST_WORD.match(code)
    if word and word.group() in _PARTS and code.endswith(":"):
        raise PatternError(f"{_PARTS[word.group()]}, instead of {text!r}")
    raise PatternError(f"not Python: {reason} in pattern {text!r}")


def parsed_header(text: str) -> Header | None:
    """Parse a header without its body; None where it is none."""
    for before in ("", "try:\n    pass\n"):
        body, _ = _parsed_code(f"{before}{text}\n    pass")
        found: list[ast.stmt] | list[ast.ExceptHandler] = body
        if before:
            # An `except*` makes it another statement.
            clauses = [each for each in body if isinstance(each, ast.Try) and not each.orelse]
            found = clauses[0].handlers if len(body) == len(clauses) == 1 else []
        if len(found) == 1 and text.endswith(":") and _has_only_header(found[0]):
            return Header(found[0])
    return None


def parsed_decorators(text: str) -> list[ast.expr] | None:
    """Parse decorators without what they decorate; None where they are none."""
    body, _ = _parsed_code(f"{text}\n{_DEFINITION}")
    return getattr(body[0], "decorator_list", None) if len(body) == 1 else None


def _header(code: str) -> Header | None:
    return parsed_header(encode(code)) or parsed_header(_encode_with_room(code))


def _has_only_header(statement: ast.stmt | ast.ExceptHandler) -> bool:
    body = getattr(statement, "body", [])
    orelse = getattr(statement, "orelse", [])
    return len(body) == 1 and isinstance(body[0], ast.Pass) and not orelse


def _parsed(code: str) -> tuple[list[ast.stmt], object]:
    """Parse code with metavariables; what Python says of it where that fails."""
    body, reason = _parsed_code(encode(code))
    if reason is not None:
        roomy, still = _parsed_code(_encode_with_room(code))
        if still is None:
            return roomy, None
    return body, reason


def _parsed_code(code: str) -> tuple[list[ast.stmt], object]:
    try:
        return parse(code).body, None
    except (SyntaxError, ValueError) as error:
        return [], getattr(error, "msg", error)


def _encode_with_room(code: str) -> str:
    """Encode a pattern in which Python wants a default or a value behind a `$$x`."""
    found = [*_SCANNED.finditer(code)]
    added = dict(_room(found))
    pieces, done = [], 0
    for token in found:
        if token["name"]:
            prefix = MANY if token["sigil"] == "$$" else ""
            pieces += [code[done : token.start()], encode(token.group())]
            pieces.append(added.get(token.start(), "") if prefix else "")
            done = token.end()
    return "".join([*pieces, code[done:]])


def _room(tokens: Sequence[re.Match[str]]) -> Iterator[tuple[int, str]]:
    """Give where a `$$x` needs a default, as it stands behind one, or a value in a dictionary."""
    opened = [_Opened("")]
    defined = False
    for token in tokens:
        inner = opened[-1]
        if token["word"] == "lambda":
            opened.append(_Opened("lambda"))
        elif token["word"]:
            defined = True
        elif token["open"]:
            parameters = defined and token["open"] == "("
            defined = defined and not parameters
            opened.append(_Opened("def" if parameters else token["open"]))
        elif token["close"] or (token["colon"] and inner.kind == "lambda"):
            opened = opened[:-1] or opened
            if inner.kind == "{" and inner.marked:
                yield from ((at, f": {ROOM}") for at in inner.manies)
        elif token["equals"] or token["colon"]:
            inner.marked = inner.marked or (inner.kind == "{") == bool(token["colon"])
        elif token["sigil"] == "$$":
            inner.manies.append(token.start())
            if inner.kind in {"def", "lambda"} and inner.marked:
                yield token.start(), f"={ROOM}"
