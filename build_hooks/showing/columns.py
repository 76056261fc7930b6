"""A unified diff as two columns, with the colours of each language's syntax."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from markupsafe import Markup, escape
from pygments.formatters.html import HtmlFormatter
from pygments.lexers import get_lexer_for_filename
from pygments.lexers.python import PythonLexer
from pygments.lexers.special import TextLexer
from pygments.token import STANDARD_TYPES, Token
from pygments.util import ClassNotFound

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pygments.lexer import Lexer
    from pygments.token import _TokenType

_FILE = re.compile(r"diff --git a/(.+) b/\1")
_QUOTES = ('"""', "'''")
_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


class Side(NamedTuple):
    """One line of one side.

    Attributes:
        number: the line's number, from 1.
        code: the line as markup.
    """

    number: int
    code: Markup


class Row(NamedTuple):
    """A line of both sides; one of them is None where it is on the other alone.

    Attributes:
        kind: ``same``, ``changed``, ``removed``, ``added``, or ``gap`` between two hunks.
    """

    kind: str
    old: Side | None
    new: Side | None


def columns(diff: bytes) -> Iterator[tuple[str, list[Row]]]:
    """Give the files of a diff, each with its rows.

    Args:
        diff: a unified diff as this project writes it.
    """
    path, hunks = "", list[tuple[int, int, list[str]]]()
    for line in diff.decode("utf-8", errors="replace").split("\n"):
        file, hunk = _FILE.fullmatch(line), _HUNK.match(line)
        if file:
            if path:
                yield path, _rows(path, hunks)
            path, hunks = file[1], []
        elif hunk:
            hunks.append((int(hunk[1]), int(hunk[3]), []))
        elif hunks and line[:1] in {" ", "+", "-"}:
            hunks[-1][2].append(line)
    if path:
        yield path, _rows(path, hunks)


def style() -> str:
    """Give the colours' style sheet, for light and for dark pages."""
    light, dark = _definitions("default"), _definitions("github-dark")
    return f"{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}"


def _definitions(name: str) -> str:
    formatter: HtmlFormatter[str] = HtmlFormatter(style=name)
    sheet: str = formatter.get_style_defs(".code")  # type: ignore[no-untyped-call]
    lines = sheet.splitlines()
    # Backgrounds are the page's own: they say what was changed.
    kept = [line for line in lines if line.startswith(".code .")]
    return "\n".join(re.sub(r"background-color: [^;}]+;?", "", line) for line in kept)


def _rows(path: str, hunks: Sequence[tuple[int, int, list[str]]]) -> list[Row]:
    lexer = _lexer(path)
    rows: list[Row] = []
    for old_first, new_first, lines in hunks:
        if rows:
            rows.append(Row("gap", None, None))
        old = _coloured(lexer, [line[1:] for line in lines if line[0] in " -"])
        new = _coloured(lexer, [line[1:] for line in lines if line[0] in " +"])
        rows += _paired(lines, _numbered(old, old_first), _numbered(new, new_first))
    return rows


def _paired(lines: list[str], old: Iterator[Side], new: Iterator[Side]) -> Iterator[Row]:
    """Put what was taken away beside what came in its place."""
    removed: list[Side] = []
    added: list[Side] = []
    for line in [*lines, " "]:
        if line.startswith("-"):
            removed.append(next(old))
        elif line.startswith("+"):
            added.append(next(new))
        else:
            for at in range(max(len(removed), len(added))):
                left = removed[at] if at < len(removed) else None
                right = added[at] if at < len(added) else None
                kind = "added" if left is None else "removed" if right is None else "changed"
                yield Row(kind, left, right)
            removed, added = [], []
            left, right = next(old, None), next(new, None)
            if left and right:
                yield Row("same", left, right)


def _numbered(lines: Sequence[Markup], first: int) -> Iterator[Side]:
    return (Side(first + at, line) for at, line in enumerate(lines))


def _lexer(path: str) -> Lexer:
    try:
        return get_lexer_for_filename(path, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return TextLexer(stripnl=False, ensurenl=False)


def _coloured(lexer: Lexer, lines: Sequence[str]) -> list[Markup]:
    """Mark up lines that stand together, so that a text over several of them is one."""
    pieces: list[list[Markup]] = [[]]
    # What a lexer takes for a line end must be one here, too.
    text = "\n".join(line.replace("\r", "\u240d") for line in lines)
    for kind, value in _tokens(lexer, text):
        name = _class(kind)
        for number, part in enumerate(value.split("\n")):
            if number:
                pieces.append([])
            if part:
                shown = escape(part)
                span = Markup('<span class="{}">{}</span>').format(name, shown) if name else shown
                pieces[-1].append(span)
    found = [Markup("").join(piece) for piece in pieces]
    return [*found, *[Markup("")] * len(lines)][: len(lines)]


def _class(kind: _TokenType) -> str:
    """Give the short name that Pygments' style sheets have for a kind of token."""
    known = next((each for each in reversed(kind.split()) if each in STANDARD_TYPES), Token)
    return STANDARD_TYPES[known]


def _tokens(lexer: Lexer, text: str) -> list[tuple[_TokenType, str]]:
    """Read lines that may begin in the midst of a docstring."""
    start = _open_quotes(text) if isinstance(lexer, PythonLexer) else ""
    left = len(start)
    found = []
    for kind, value in lexer.get_tokens(start + text):
        found.append((kind, value[left:]))
        left = max(0, left - len(value))
    return found


def _open_quotes(text: str) -> str:
    """Give the quotes, with a line end, of the docstring that lines begin in; empty for code.

    Quotes alone on a line begin one below a line that asks for more, and end one elsewhere.
    """
    before = ""
    for line in text.split("\n"):
        shown = line.strip()
        quotes = next((each for each in _QUOTES if each in shown), "")
        if quotes:
            own = shown.lstrip("rRbBfFuU")
            begins = own != quotes and (
                own.startswith(quotes) or own[:-3].endswith((" ", "(", "="))
            )
            asked = own == quotes and before.endswith((":", "=", "("))
            return "" if begins or asked or shown.count(quotes) > 1 else f"{quotes}\n"
        before = shown or before
    return ""
