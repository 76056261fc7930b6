"""Code as nested tokens: what two spellings share, and the bytes between that belong to neither.

Syntax trees do not know where commas, brackets and comments stand. This reads them with one
expression instead of `tokenize`, which reads f-strings in another way on every Python.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from transforms.engine.syntax.parsed import parsed_statement

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_TOKEN = re.compile(
    rb"(?P<newline>\r\n|\r|\n)"
    rb"|(?P<blank>[ \t\f]+|\\(?:\r\n|\r|\n))"
    rb"|(?P<comment>\#[^\r\n]*)"
    rb"|(?P<string>(?i:[rbuft]|br|rb|fr|rf|tr|rt)?(?:"
    rb"'''(?:\\.|[^\\])*?'''|\"\"\"(?:\\.|[^\\])*?\"\"\""
    rb"|'(?:\\(?:\r\n|.)|[^\\\r\n'])*'|\"(?:\\(?:\r\n|.)|[^\\\r\n\"])*\"))"
    rb"|(?P<number>0[xXoObB][\da-fA-F_]+"
    rb"|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?[jJ]?)"
    rb"|(?P<name>[\w\x80-\xff]+)"
    rb"|(?P<operator>\*\*=?|//=?|>>=?|<<=?|!=|->|:=|\.\.\.|[-+*/%&|^=<>@]=?|[~:.,;()\[\]{}])"
    rb"|(?P<other>.)",
    re.DOTALL,
)
_CLOSERS = {b"(": b")", b"[": b"]", b"{": b"}"}
_VALUES = {b"None", b"True", b"False", b"..."}
# Between operands; a list of our own, since Python's differs between releases.
_WORDS = frozenset(
    b"and as assert async await break class continue def del elif else except finally for from "
    b"global if import in is lambda nonlocal not or pass raise return try while with yield".split()
)
_FORMATTED = frozenset(b"ftFT")


class UnreadableError(ValueError):
    """The brackets of a piece of code do not match."""


class Token(NamedTuple):
    """One token, or a comment or white space, of a file's bytes."""

    kind: str
    start: int
    end: int
    text: bytes


@dataclass(frozen=True, slots=True)
class Item:
    """One of the things that commas separate inside of brackets.

    Attributes:
        units: what it consists of; empty behind a last comma.
        comma: the offset behind its comma; 0 where it has none.
    """

    units: tuple[Unit, ...]
    comma: int

    @property
    def start(self) -> int:
        """The offset of the first token."""
        return self.units[0].start

    @property
    def end(self) -> int:
        """The offset behind the last token, the comma left out."""
        return self.units[-1].end

    @property
    def key(self) -> str:
        """Equal for items that say the same."""
        return " ".join(unit.key for unit in self.units)

    @property
    def label(self) -> str:
        """The name of a keyword argument or parameter, or the key of a dictionary's entry."""
        named = len(self.units) > 1 and self.units[1].key in {"=", ":"}
        return self.units[0].key if named else ""


@dataclass(frozen=True, slots=True)
class Group:
    """A pair of brackets and the items in it."""

    start: int
    end: int
    opener: bytes
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of an operand: a name, a literal, `.name`, or brackets."""

    start: int
    end: int
    key: str
    group: Group | None = None


@dataclass(frozen=True, slots=True)
class Unit:
    """An operand with all that is called on it, or one token between operands.

    Attributes:
        parts: the pieces of an operand; empty for an operator or a keyword.
    """

    start: int
    end: int
    key: str
    parts: tuple[Part, ...] = ()


def tokens(data: bytes, start: int, end: int) -> Iterator[Token]:
    """Split bytes into tokens, white space and comments included."""
    for match in _TOKEN.finditer(data, start, end):
        yield Token(match.lastgroup or "", match.start(), match.end(), match.group())


def comments(data: bytes, start: int, end: int) -> list[bytes]:
    """Give the comments of a piece of code, as they stand."""
    found = (token for token in tokens(data, start, end) if token.kind == "comment")
    return [token.text.rstrip() for token in found]


def units(data: bytes, start: int, end: int) -> list[Unit]:
    """Read a piece of code that is no block: an expression, a simple statement or a header.

    Raises:
        UnreadableError: brackets are not closed, or closed twice.
    """
    reader = _Reader(
        [
            token
            for token in tokens(data, start, end)
            if token.kind not in {"newline", "blank", "comment"}
        ]
    )
    found = reader.units(inside=False)
    if reader.left:
        raise UnreadableError(f"{reader.left[0].text!r} closes nothing")
    return found


class _Reader:
    def __init__(self, found: Sequence[Token]) -> None:
        self.left = [*found]
        self.left.reverse()

    def units(self, *, inside: bool) -> list[Unit]:
        """Read up to a closing bracket, and inside of brackets up to a comma."""
        found: list[Unit] = []
        while self.left:
            token = self.left[-1]
            if token.text in {b")", b"]", b"}"} or (inside and token.text == b","):
                break
            if token.text in _CLOSERS or _is_value(token):
                found.append(self._operand())
            else:
                self.left.pop()
                found.append(Unit(token.start, token.end, token.text.decode()))
        return found

    def _operand(self) -> Unit:
        parts: list[Part] = []
        while self.left:
            token = self.left[-1]
            if token.text in _CLOSERS and (not parts or token.text != b"{"):
                parts.append(self._brackets(called=bool(parts)))
            elif not parts and token.kind == "string":
                parts.append(self._strings())
            elif not parts and _is_value(token):
                self.left.pop()
                parts.append(Part(token.start, token.end, _value_key([token])))
            elif parts and token.text == b"." and len(self.left) > 1:
                self.left.pop()
                name = self.left.pop()
                parts.append(Part(token.start, name.end, f".{name.text.decode()}"))
            else:
                break
        return Unit(parts[0].start, parts[-1].end, _operand_key(parts), tuple(parts))

    def _strings(self) -> Part:
        found = []
        while self.left and self.left[-1].kind == "string":
            found.append(self.left.pop())
        return Part(found[0].start, found[-1].end, _value_key(found))

    def _brackets(self, *, called: bool) -> Part:
        opener = self.left.pop()
        items: list[Item] = []
        while self.left:
            inner = self.units(inside=True)
            if not self.left:
                break
            token = self.left.pop()
            if inner or token.text == b",":
                items.append(Item(tuple(inner), token.end if token.text == b"," else 0))
            if token.text == _CLOSERS[opener.text]:
                group = Group(opener.start, token.end, opener.text, tuple(items))
                return Part(opener.start, token.end, _group_key(group, called=called), group)
            if token.text != b"," or not inner:
                break
        raise UnreadableError(f"{opener.text!r} is not closed")


def _is_value(token: Token) -> bool:
    if token.kind == "name":
        return token.text not in _WORDS
    return token.kind in {"string", "number"} or token.text in _VALUES


def _value_key(found: Sequence[Token]) -> str:
    """Name the value of literals, so that quotes do not matter; f-strings are what they are."""
    text = b" ".join(token.text for token in found)
    if found[0].kind == "name" or any(
        token.kind == "string" and _FORMATTED & {*token.text.partition(token.text[-1:])[0]}
        for token in found
    ):
        return text.decode()
    statement = parsed_statement(b"(" + text + b")")
    value = statement.value if isinstance(statement, ast.Expr) else None
    return repr(value.value) if isinstance(value, ast.Constant) else text.decode()


def _operand_key(parts: Sequence[Part]) -> str:
    head = parts[0].group
    only = head.items[0] if head and head.opener == b"(" and len(head.items) == 1 else None
    first = parts[0].key
    if only and not only.comma and len(only.units) == 1 and only.units[0].parts:
        # `(a.b).c` is `a.b.c`.
        first = only.units[0].key
    return "".join([first, *(part.key for part in parts[1:])])


def _group_key(group: Group, *, called: bool) -> str:
    items = [item.key for item in group.items]
    if called and group.opener == b"(":
        labelled = sorted(item.key for item in group.items if item.label)
        items = [*(item.key for item in group.items if not item.label), *labelled]
    one_tuple = len(items) == 1 and group.items[0].comma and not (called and group.opener == b"(")
    mark = "," if one_tuple else ""
    return f"{group.opener.decode()}{', '.join(items)}{mark}{_CLOSERS[group.opener].decode()}"
