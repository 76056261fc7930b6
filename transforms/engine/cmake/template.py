"""Write out a pattern with what its metavariables stand for, indented like its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transforms.engine.cmake.syntax import arguments_in, holes_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from transforms.engine.cmake.pattern import Pattern
    from transforms.engine.cmake.syntax import Hole, Item
    from transforms.engine.cmake.unify import Bindings
    from transforms.engine.syntax.source import Source

_Change = tuple[int, int, bytes]


def written(template: Pattern, bindings: Bindings, source: Source, indentation: str) -> bytes:
    r"""Write a pattern's text with its bindings in place.

    Args:
        template: what is written.
        bindings: what its metavariables stand for, in the file.
        source: the file.
        indentation: what its lines begin with, but for those inside of an argument.

    Returns:
        The text with ``\n`` for all line ends; the last line has none.
    """
    data = template.data
    inside = list(_inside_of_arguments(template.statements))
    indent = indentation.encode()
    changes: list[_Change] = [
        (start, start, indent)
        for start in _line_starts(data)
        if data[start : start + 1] not in {b"\n", b""} and not _is_in(start, inside)
    ]
    for hole, is_statement in holes_of(template.statements):
        begin = data.rfind(b"\n", 0, hole.start) + 1
        prefix = indent + _blanks(data[begin : hole.start])
        text = _bound_text(bindings[hole.name], source, prefix)
        if text:
            changes.append((hole.start, hole.end, text))
        else:
            start, end = _gap(data, hole, is_statement=is_statement)
            changes = [change for change in changes if not start <= change[0] < end]
            changes.append((start, end, b""))
    return _changed(data, changes)


def _changed(data: bytes, changes: Iterable[_Change]) -> bytes:
    parts, done = [], 0
    for start, end, text in sorted(changes, key=lambda change: change[:2]):
        parts += [data[done:start], text]
        done = max(done, end)
    return b"".join([*parts, data[done:]])


def _gap(data: bytes, hole: Hole, *, is_statement: bool) -> tuple[int, int]:
    """Give what goes with a metavariable that stands for nothing."""
    if is_statement:
        begin = data.rfind(b"\n", 0, hole.start) + 1
        line_end = data.find(b"\n", hole.end)
        return begin, len(data) if line_end < 0 else line_end + 1
    start, end = hole.start, hole.end
    while data[start - 1 : start].isspace():
        start -= 1
    if data[start - 1 : start] == b"(":
        while data[end : end + 1].isspace():
            end += 1
    return start, end


def _bound_text(items: tuple[Item, ...], source: Source, prefix: bytes) -> bytes:
    """Give what a metavariable stands for, with its lines moved to another indentation."""
    if not items:
        return b""
    start, end = items[0].start, items[-1].end
    text = source.data[start:end]
    old = source.indentation(start).encode()
    inside = [(first - start, last - start) for first, last in _inside_of_arguments(items)]
    changes = [
        (line, line + len(old), prefix)
        for line in _line_starts(text)
        if line
        and text.startswith(old, line)
        and not _is_in(line, inside)
        # An empty line stays empty.
        and text[line : line + 1] not in {b"\n", b"\r", b""}
    ]
    return _changed(text, changes).replace(b"\r\n", b"\n")


def _inside_of_arguments(items: Iterable[Item]) -> Iterator[tuple[int, int]]:
    for item in items:
        for argument in arguments_in(item):
            if "\n" in argument.text:
                yield argument.start, argument.end


def _is_in(place: int, spans: Iterable[tuple[int, int]]) -> bool:
    return any(start < place < end for start, end in spans)


def _line_starts(data: bytes) -> Iterator[int]:
    yield 0
    at = data.find(b"\n")
    while at >= 0:
        yield at + 1
        at = data.find(b"\n", at + 1)


def _blanks(data: bytes) -> bytes:
    return data[: len(data) - len(data.lstrip(b" \t"))]
