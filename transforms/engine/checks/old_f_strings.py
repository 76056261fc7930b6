"""Can a Python before 3.12 read an f-string?

Up to Python 3.11 an f-string was a string like any other to the tokenizer, and its replacement
fields were found inside of it afterwards (PEP 701 tells the differences): no quote of its own, no
backslash and no comment can stand in a field, a line end only in a triple-quoted one, and a field
in a format specification holds no further one. CPython before 3.12 is `fstring_find_expr` in
`Parser/string_parser.c`; this reads a string as it does.
"""

from __future__ import annotations

import ast
import re

from transforms.engine.syntax.source import parse

# White space, comments and line ends may stand between strings that are joined.
_BETWEEN = re.compile(r"(?:[ \t\f\r\n]|\\\r?\n|#[^\r\n]*)*")
_STRING = re.compile(
    r"(?P<prefix>[A-Za-z]{0,2})"
    r"(?:(?P<long>'''|\"\"\")(?P<long_body>(?:\\.|[^\\])*?)(?P=long)"
    r"|(?P<short>['\"])(?P<short_body>(?:\\(?:\r\n|.)|(?!(?P=short))[^\\\r\n])*)(?P=short))",
    re.DOTALL,
)
_NAMED = re.compile(r"\\N\{[^}]*\}")
_CLOSING = {"(": ")", "[": "]", "{": "}"}
# In a field: strings, comparisons that hold a `!` or `=`, and single characters.
_TOKEN = re.compile(
    r"'''.*?'''|\"\"\".*?\"\"\"|'[^']*'|\"[^\"]*\"|[!=<>]=|.",
    re.DOTALL,
)
_DEEPEST = 2


def is_old_f_string(text: str) -> bool:
    """Tell whether Python 3.11 and older can read an f-string.

    Args:
        text: one or more strings that are joined, at least one of them an f-string, as they stand
            in a file that a newer Python parses.
    """
    at = 0
    while at < len(text):
        string = _STRING.match(text, at)
        if string is None:
            return False
        if "f" in string["prefix"].lower():
            body = string["long_body"] if string["long"] else string["short_body"]
            raw = "r" in string["prefix"].lower()
            if _literal(body, 0, 0, raw=raw) != len(body):
                return False
        between = _BETWEEN.match(text, string.end())
        at = between.end() if between else string.end()
    return True


def _literal(body: str, at: int, level: int, *, raw: bool) -> int | None:
    """Read text and fields; give where they end, which inside a field is its closing brace."""
    while at < len(body):
        named = None if raw else _NAMED.match(body, at)
        if named:
            at = named.end()
        elif body[at] == "\\" and not raw and body[at + 1 : at + 2] not in {"{", "}"}:
            at += 2
        elif body[at] == "{":
            if level == 0 and body.startswith("{{", at):
                at += 2
                continue
            after = _field(body, at + 1, level, raw=raw)
            if after is None:
                return None
            at = after
        elif body[at] == "}":
            if level:
                return at
            if not body.startswith("}}", at):
                return None
            at += 2
        else:
            at += 1
    return None if level else at


def _field(body: str, start: int, level: int, *, raw: bool) -> int | None:
    """Read a field behind its opening brace; give where it ends."""
    if level >= _DEEPEST:
        return None
    end = _expression_end(body, start)
    if end is None or not _is_old_expression(body[start:end].removesuffix("=")):
        return None
    if body[end] == "!":
        end = next((at for at in range(end, len(body)) if body[at] in ":}"), len(body))
    if body[end : end + 1] == ":":
        specification = _literal(body, end + 1, level + 1, raw=raw)
        if specification is None:
            return None
        end = specification
    return end + 1 if body[end : end + 1] == "}" else None


def _expression_end(body: str, at: int) -> int | None:
    """Find the `!`, `:` or `}` behind an expression; None where an old Python gives up."""
    open_brackets: list[str] = []
    for token in _TOKEN.finditer(body, at):
        here = token.group()
        if here == "#" or "\\" in here:
            return None
        if here in _CLOSING:
            open_brackets.append(_CLOSING[here])
        elif open_brackets and here == open_brackets[-1]:
            open_brackets.pop()
        elif not open_brackets and here in {"!", ":", "}"}:
            return token.start()
    return None


def _is_old_expression(text: str) -> bool:
    """Tell whether an expression parses, and its own f-strings are old ones, too."""
    wrapped = f"({text.strip()})"
    try:
        tree = parse(f"async def f():\n {wrapped}")
    except (SyntaxError, ValueError):
        return False
    lines = f"async def f():\n {wrapped}".encode().split(b"\n")
    return all(is_old_f_string(_cut(lines, node)) for node in _outermost_f_strings(tree))


def _outermost_f_strings(node: ast.AST) -> list[ast.JoinedStr]:
    if isinstance(node, ast.JoinedStr):
        return [node]
    return [found for child in ast.iter_child_nodes(node) for found in _outermost_f_strings(child)]


def _cut(lines: list[bytes], node: ast.JoinedStr) -> str:
    """Give the text of a node."""
    first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
    taken = lines[first : last + 1]
    taken[-1] = taken[-1][: node.end_col_offset]
    taken[0] = taken[0][node.col_offset :]
    return b"\n".join(taken).decode()
