"""What is not syntax: changed comments, blank lines and line breaks, as exact text."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from transforms.edits import ReplaceText
from transforms.importers.proof import Change

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.edit import Edit
    from transforms.importers.proof import Files

_LINES_AROUND = 12


def explain_text(files: Files, change: Change) -> Edit | None:
    """Find the edit that replaces exact text, with as many lines around it as make it unique.

    Args:
        files: the file before and after.
        change: what it has to do.
    """
    data = files.before.data
    change = _trimmed(change, data)
    for start, end in [*_words(change, data), *_widened(change, data)]:
        find = data[start:end]
        if not find.strip() or data.count(find) != 1:
            continue
        whole = data[: change.start] + change.text + data[change.end :]
        text = whole[start : len(whole) - len(data) + end]
        texts = [each.replace(files.before.newline, b"\n").decode() for each in (find, text)]
        make = partial(ReplaceText, path=files.before.path, find=texts[0], replace=texts[1])
        edit = files.accepts(make, change)
        if edit is not None:
            return edit
    return None


def _trimmed(change: Change, data: bytes) -> Change:
    """Leave out whole lines that both texts begin or end with."""
    start, end, text = change.start, change.end, change.text
    old = data[start:end].splitlines(keepends=True)
    new = text.splitlines(keepends=True)
    while old and new and old[0] == new[0]:
        start += len(old.pop(0))
        new.pop(0)
    while old and new and old[-1] == new[-1]:
        end -= len(old.pop())
        new.pop()
    return Change(start, end, b"".join(new))


def _words(change: Change, data: bytes) -> Iterator[tuple[int, int]]:
    """Give the text of one line, without its margin and line end, if it becomes one line."""
    old = data[change.start : change.end]
    if old.count(b"\n") == change.text.count(b"\n") == old.endswith(b"\n"):
        blank = len(old) - len(old.lstrip())
        if old[:blank] == change.text[: len(change.text) - len(change.text.lstrip())]:
            yield change.start + blank, change.start + len(old.rstrip())


def _widened(change: Change, data: bytes) -> Iterator[tuple[int, int]]:
    """Give the whole lines of a change, then with more and more lines around it."""
    start, end = data.rfind(b"\n", 0, change.start) + 1, change.end
    if end == 0 or data[end - 1 : end] != b"\n" or end == start:
        end = _next_line(data, end) if end > start else end
    spans = [
        (_up(data, start, above), _down(data, end, more - above))
        for more in range(_LINES_AROUND)
        for above in range(more, -1, -1)
    ]
    if change.start == change.end and _has_code(change.text):
        # Where upstream has put something else there too, nobody knows which comes first.
        spans.sort(key=lambda span: not span[0] < start <= end < span[1])
    yield from spans


def _has_code(text: bytes) -> bool:
    lines = [line.strip() for line in text.splitlines()]
    return any(line and not line.startswith(b"#") for line in lines)


def _next_line(data: bytes, at: int) -> int:
    found = data.find(b"\n", at)
    return len(data) if found < 0 else found + 1


def _up(data: bytes, at: int, lines: int) -> int:
    for _ in range(lines):
        at = data.rfind(b"\n", 0, max(0, at - 1)) + 1
    return at


def _down(data: bytes, at: int, lines: int) -> int:
    for _ in range(lines):
        at = _next_line(data, at)
    return at
