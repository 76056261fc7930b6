"""The elements of a comma-separated list, with the bytes that each takes.

Arguments of a call, parameters of a function, elements of a display, members of a subscript, bases
of a class, names of an import: `ast` says where their expressions are, but not the parentheses and
stars around them, nor the brackets and commas between.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from transforms.engine.syntax.definition import Function, name_span, parameters
from transforms.engine.syntax.source import SourceError, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from transforms.engine.syntax.source import Source

Display = ast.List | ast.Tuple | ast.Set | ast.Dict
# Between the expressions of a list there are comments and single signs: never a string.
_SIGN = re.compile(rb"#[^\r\n]*|\\\r?\n|\s+|(?P<sign>.)", re.DOTALL)
_OPENING, _CLOSING = b"([{", b")]}"
_IMPORT = re.compile(rb"\bimport\b")


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a list.

    Attributes:
        span: its bytes: stars, name, annotation, default and parentheses included.
        comma: the offset of the comma behind it; None where there is none.
    """

    span: Span
    comma: int | None


@dataclass(frozen=True, slots=True)
class Elements:
    """A comma-separated list in a file.

    Attributes:
        source: the file.
        span: what is between the brackets; without brackets, from the first element to the last, or
            for a class without bases what is between its name and its body.
        items: the elements in the order of the source; of parameters also a bare `*` and `/`.
        brackets: what stands around the elements, or must where there are some: `()`, `[]`, `{}`.
        bracketed: whether the brackets are there, so that a line may end anywhere between them.
        is_tuple: one element alone needs a comma behind it.
    """

    source: Source
    span: Span
    items: tuple[Element, ...]
    brackets: str
    bracketed: bool = True
    is_tuple: bool = False

    @property
    def texts(self) -> list[str]:
        """Each element as it is written."""
        return [self.source.text(item.span) for item in self.items]


def display_elements(node: Display, source: Source) -> Elements:
    """Give the elements of a list, tuple, set or dict display; those of a dict are its items."""
    span = source.span(node)
    if isinstance(node, ast.Dict):
        # `**x` has no key.
        atoms = [source.span(part) for part in (*node.keys, *node.values) if part]
    else:
        atoms = [source.span(part) for part in node.elts]
    atoms.sort()
    if isinstance(node, ast.Tuple) and not _is_in_parentheses(span, atoms, source):
        items = _items(span, atoms, source)
        return Elements(source, span, items, "()", bracketed=False, is_tuple=True)
    inner = Span(span.start + 1, span.end - 1)
    pairs = {ast.List: "[]", ast.Tuple: "()"}
    brackets = pairs.get(type(node), "{}")
    items = _items(inner, atoms, source)
    return Elements(source, inner, items, brackets, is_tuple=isinstance(node, ast.Tuple))


def call_elements(node: ast.Call, source: Source) -> Elements:
    """Give the arguments of a call, in the order of the source.

    A generator that is the only argument may have the call's parentheses for its own: then the
    element is what is between them.
    """
    opening = _find(b"(", source.span(node.func).end, source)
    inner = Span(opening + 1, source.span(node).end - 1)
    given = [*map(source.span, node.args), *map(source.span, node.keywords)]
    atoms = sorted(Span(max(start, inner.start), min(end, inner.end)) for start, end in given)
    return Elements(source, inner, _items(inner, atoms, source), "()")


def parameter_elements(node: Function, source: Source) -> Elements:
    """Give the parameters of a function and the bare `*` and `/` between them."""
    atoms = []
    for parameter in parameters(node):
        atoms.append(source.span(parameter.node))
        if parameter.default is not None:
            atoms.append(source.span(parameter.default))
    return _in_parentheses(_behind_name(node, source), atoms, source)


def base_elements(node: ast.ClassDef, source: Source) -> Elements:
    """Give the bases and keywords of a class; without brackets where it has no parentheses."""
    atoms = sorted([*map(source.span, node.bases), *map(source.span, node.keywords)])
    at = _behind_name(node, source)
    if not atoms and _next_sign(at, source) != b"(":
        behind_colon = _find(b":", at, source) + 1
        return Elements(source, Span(at, behind_colon), (), "()", bracketed=False)
    return _in_parentheses(at, atoms, source)


def import_elements(node: ast.ImportFrom, source: Source) -> Elements:
    """Give the names of `from m import a, b as c`."""
    span = source.span(node)
    names = [source.span(alias) for alias in node.names]
    word = list(_IMPORT.finditer(source.data, span.start, names[0].start))[-1]
    if _next_sign(word.end(), source) == b"(":
        return _in_parentheses(word.end(), names, source)
    inner = Span(names[0].start, names[-1].end)
    return Elements(source, inner, _items(inner, names, source), "()", bracketed=False)


def subscript_elements(node: ast.Subscript, source: Source) -> Elements:
    """Give what a subscript such as `Literal["a", "b"]` names, one or several."""
    there = node.slice
    if isinstance(there, ast.Tuple):
        atoms = [source.span(part) for part in there.elts]
        if _is_in_parentheses(source.span(there), atoms, source):
            return display_elements(there, source)
    else:
        atoms = [source.span(there)]
    opening = _find(b"[", source.span(node.value).end, source)
    inner = Span(opening + 1, source.span(node).end - 1)
    return Elements(source, inner, _items(inner, atoms, source), "[]")


def _in_parentheses(since: int, atoms: Sequence[Span], source: Source) -> Elements:
    """Give the elements between the next `(` and the `)` that closes it."""
    opening = _find(b"(", since, source)
    depth = 0
    for at, sign in _signs(Span(opening, len(source.data)), atoms, source):
        depth += (sign in _OPENING) - (sign in _CLOSING)
        if not depth:
            inner = Span(opening + 1, at)
            return Elements(source, inner, _items(inner, atoms, source), "()")
    raise SourceError(source.path, "a parenthesis is never closed", source.line_of(opening))


def _items(inner: Span, atoms: Sequence[Span], source: Source) -> tuple[Element, ...]:
    """Split what is between brackets at its commas."""
    signs = list(_signs(inner, atoms, source))
    commas = {at for at, sign in signs if sign == b","}
    items: list[Element] = []
    filled: list[Span] = []
    for piece in sorted([*atoms, *(Span(at, at + 1) for at, _ in signs)]):
        if piece.start not in commas:
            filled.append(piece)
        elif filled:
            items.append(Element(Span(filled[0].start, filled[-1].end), piece.start))
            filled = []
    if filled:
        items.append(Element(Span(filled[0].start, filled[-1].end), None))
    return tuple(items)


def _signs(inside: Span, atoms: Iterable[Span], source: Source) -> Iterator[tuple[int, bytes]]:
    """Give the signs between expressions: brackets, commas, stars, colons."""
    at = inside.start
    for start, end in [*sorted(atoms), Span(inside.end, inside.end)]:
        while at < min(start, inside.end):
            found = _SIGN.match(source.data, at, inside.end)
            if found is None:
                return
            if found["sign"]:
                yield at, found["sign"]
            at = found.end()
        at = max(at, end)


def _find(sign: bytes, since: int, source: Source) -> int:
    """Give the offset of the next such sign that is not in a comment."""
    inside = Span(since, len(source.data))
    return next(at for at, there in _signs(inside, (), source) if there == sign)


def _next_sign(since: int, source: Source) -> bytes:
    return next(sign for _, sign in _signs(Span(since, len(source.data)), (), source))


def _is_in_parentheses(span: Span, atoms: Sequence[Span], source: Source) -> bool:
    """Tell whether a tuple's first parenthesis is its own, and not that of its first element."""
    if source.data[span.start : span.start + 1] != b"(":
        return False
    if not atoms:
        return True
    opened = sum(sign == b"(" for _, sign in _signs(Span(span.start, atoms[0].start), (), source))
    closed = 0
    for _, sign in _signs(Span(atoms[0].end, span.end), atoms[1:], source):
        if sign == b",":
            break
        closed += sign == b")"
    return opened > closed


def _behind_name(node: Function | ast.ClassDef, source: Source) -> int:
    """Give the offset behind the name of a definition and its type parameters."""
    end = name_span(node, source).end
    # A field since Python 3.12 (PEP 695).
    types = [source.span(cast("ast.expr", item)) for item in getattr(node, "type_params", ())]
    if not types:
        return end
    signs = _signs(Span(end, len(source.data)), types, source)
    return next(at for at, sign in signs if sign == b"]") + 1
