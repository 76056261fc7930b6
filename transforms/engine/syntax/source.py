"""One pristine Python file: its bytes, its syntax tree, and the byte span of every node.

Sites are byte spans of the pristine file, so all that is outside of them stays as upstream has it
by construction: comments, quotes, blank lines and line ends included.
"""

from __future__ import annotations

import ast
import re
import warnings
from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")

_LINE_END = re.compile(rb"\r\n|\r|\n")
_LEAVES = (ast.Name, ast.Constant, ast.JoinedStr)
_UNREADABLE = "see what upstream made of that file: no pattern can be matched on it"
_BOM = b"\xef\xbb\xbf"
# PEP 263: a comment in one of the first two lines.
_ENCODING = re.compile(
    rb"(?:[ \t\f]*(?:#[^\r\n]*)?(?:\r\n|\r|\n))?"
    rb"[ \t\f]*#[^\r\n]*?coding[:=][ \t]*([-\w.]+)"
)

Placed = ast.expr | ast.stmt | ast.arg | ast.keyword | ast.alias | ast.excepthandler
"""A node that has a position."""


class Tree(Protocol):
    """The pristine source tree, as far as the engine needs it: names and bytes, never parsed."""

    def __contains__(self, path: object, /) -> bool:
        """Tell whether the tree has a file `path`."""

    def __iter__(self) -> Iterator[str]:
        """Give the paths of all files, relative, with forward slashes."""

    def read(self, path: str) -> bytes:
        """Give the bytes of one file."""


class Span(NamedTuple):
    """A range of bytes of one file, end excluded."""

    start: int
    end: int


class SourceError(Exception):
    """A file cannot be matched against, because it is not UTF-8 or not Python.

    Args:
        path: the file in the tree.
        reason: what CPython's parser or decoder said.
        line: where, 1-based; 0 where the whole file is meant.
        next_step: what can be done about it; empty where an edit for other code can.
    """

    def __init__(self, path: str, reason: str, line: int = 0, next_step: str = "") -> None:
        super().__init__(f"{path}:{line}: {reason}")
        self.path = path
        self.reason = reason
        self.line = line
        self.next_step = next_step


class Source:
    """One file of the pristine tree, parsed at most once and only when asked.

    Args:
        path: relative to the root of the tree, with forward slashes.
        data: the file as upstream ships it.
        parsed: its syntax tree, where it is at hand already.
    """

    def __init__(self, path: str, data: bytes, parsed: ast.Module | None = None) -> None:
        self.path = path
        self.data = data
        self._parsed = parsed
        self._known: dict[object, object] = {}

    def once(self, analysis: Callable[[Source], T]) -> T:
        """Give what an analysis makes of this file; it runs once, whoever asks for it.

        Args:
            analysis: a function of the file's bytes and syntax alone.
        """
        if analysis not in self._known:
            self._known[analysis] = analysis(self)
        known: T = self._known[analysis]  # type: ignore[assignment]  # kept under what made it
        return known

    @cached_property
    def module(self) -> ast.Module:
        """The syntax tree. Raises `SourceError` where CPython refuses the file."""
        self._require_utf8()
        if self._parsed is not None:
            return self._parsed
        try:
            return parse(self.data)
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", None) or 0
            reason = f"does not parse: {getattr(error, 'msg', None) or error}"
            raise SourceError(self.path, reason, line, _UNREADABLE) from error
        except (RecursionError, MemoryError) as error:
            reason = "does not parse: nested too deeply"
            raise SourceError(self.path, reason, next_step=_UNREADABLE) from error

    def _require_utf8(self) -> None:
        declared = _ENCODING.match(self.data.removeprefix(_BOM))
        name = declared[1].decode().lower().replace("_", "-") if declared else "utf-8"
        # Any other encoding would shift the columns that `ast` gives.
        if not (name == "utf8" or name.startswith("utf-8")):
            reason = f"not UTF-8: it declares the encoding {name!r}"
            raise SourceError(self.path, reason, next_step=_UNREADABLE)
        try:
            self.data.decode("utf-8")
        except UnicodeDecodeError as error:
            line = self.data.count(b"\n", 0, error.start) + 1
            byte = self.data[error.start]
            reason = f"not UTF-8: {error.reason}: byte {byte:#04x} at offset {error.start}"
            raise SourceError(self.path, reason, line, _UNREADABLE) from error

    @cached_property
    def _line_starts(self) -> list[int]:
        # `ast` does not count a byte order mark as a column of the first line.
        first = len(_BOM) if self.data.startswith(_BOM) else 0
        return [first, *(match.end() for match in _LINE_END.finditer(self.data))]

    @cached_property
    def newline(self) -> bytes:
        """The line end that this file uses, so that added lines use it too."""
        found = _LINE_END.search(self.data)
        return found.group() if found else b"\n"

    def offset(self, line: int, column: int) -> int:
        """Turn `ast`'s line (1-based) and column (UTF-8 bytes) into an offset into `data`."""
        return self._line_starts[line - 1] + column

    def line_of(self, offset: int) -> int:
        """Give the 1-based line that holds the byte at `offset`."""
        return max(1, bisect_right(self._line_starts, offset))

    def line_start(self, line: int) -> int:
        """Give the offset of a 1-based line's first byte; past the last line, the file's end."""
        starts = self._line_starts
        return starts[line - 1] if line <= len(starts) else len(self.data)

    def span(self, node: Placed) -> Span:
        """Give the bytes of a node, without its decorators and without parentheses around it."""
        end_line, end_column = node.end_lineno, node.end_col_offset
        if end_line is None or end_column is None:
            raise ValueError(f"{self.path}: a node of {type(node).__name__} without a position")
        return Span(self.offset(node.lineno, node.col_offset), self.offset(end_line, end_column))

    def statement_span(self, statement: ast.stmt) -> Span:
        """Give the bytes of a statement, its decorators included."""
        start, end = self.span(statement)
        decorators = getattr(statement, "decorator_list", None)
        return Span(self.decorator_start(decorators[0]) if decorators else start, end)

    def decorator_start(self, decorator: ast.expr) -> int:
        """Give the offset of a decorator's `@`."""
        start = self.span(decorator).start
        while True:
            start = self.data.rindex(b"@", 0, start)
            # `@(  # like x@y` has another one between.
            if not self.data[self.line_start(self.line_of(start)) : start].strip():
                return start

    def indentation(self, offset: int) -> str:
        """Give the white space that the line of an offset begins with."""
        line = self.data[self.line_start(self.line_of(offset)) : offset]
        blank = line[: len(line) - len(line.lstrip(b" \t\f"))]
        # After a form feed, Python counts columns from 0.
        return blank.rpartition(b"\f")[2].decode()

    def text(self, span: Span) -> str:
        """Decode the bytes of a span."""
        return self.data[span.start : span.end].decode("utf-8")

    def first_line(self, node: Placed) -> str:
        """Give the first line of a node, as messages show it."""
        return self.text(self.span(node)).split("\n", 1)[0].rstrip()

    def encoded(self, text: str) -> bytes:
        """Give the bytes of a text that is written into this file, with the file's line ends."""
        return text.encode().replace(b"\n", self.newline)


def parse(code: str | bytes) -> ast.Module:
    """Parse code without a warning: upstream's own invalid escapes are upstream's to mend."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(code)


def blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """Give each list of statements that a node holds directly (`body`, `orelse`, handlers, ...)."""
    for name in ("body", "orelse", "finalbody"):
        value = getattr(node, name, None)
        if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
            yield value
    for name in ("handlers", "cases"):
        for child in getattr(node, name, ()):
            yield from blocks(child)


def all_blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """Give every list of statements in a subtree, outer ones first."""
    waiting = [node]
    while waiting:
        for block in blocks(waiting.pop()):
            yield block
            waiting.extend(block)


def walk_addressable(
    node: ast.AST, *, without: tuple[type[ast.AST], ...] = ()
) -> Iterator[ast.AST]:
    """Walk a tree in source order, without the inside of f-strings and without `ctx` nodes.

    Before CPython 3.12 the nodes inside an f-string carry positions that point elsewhere, and the
    result of a build must not depend on the Python that runs it.

    Args:
        node: the root of the tree.
        without: further kinds of node whose insides are left out.
    """
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        if not isinstance(current, without):
            waiting.extend(reversed(addressable_children(current)))


def addressable_children(node: ast.AST) -> list[ast.AST]:
    """Give the nodes directly below a node that `walk_addressable` visits, in source order."""
    children: list[ast.AST] = []
    if isinstance(node, _LEAVES):
        return children
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, list):
            children += [item for item in value if isinstance(item, ast.AST)]
        elif isinstance(value, ast.AST) and name != "ctx":
            children.append(value)
    return children


def files_with(
    tree: Tree,
    needles: Iterable[bytes],
    paths: Iterable[str] | None = None,
    suffixes: tuple[str, ...] = (".py",),
) -> Iterator[str]:
    """Give the files whose bytes hold every one of some needles, ordered by name.

    Args:
        tree: the source tree.
        needles: what is searched for.
        paths: the files of the tree that are asked; all of them if it is not given.
        suffixes: how the names of the files end; those of Python if it is not given.
    """
    wanted = tuple(needles)
    for path in sorted(tree if paths is None else paths):
        if path.endswith(suffixes):
            data = tree.read(path)
            if all(needle in data for needle in wanted):
                yield path
