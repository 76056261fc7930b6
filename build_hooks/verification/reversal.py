"""Take the diffs of a wheel or sdist back, one after the other: what is left must be upstream's.

A diff is read as strictly as `git apply` reads it, and more: every byte of it must be one that
`transforms.engine.diff` writes, so that no byte of a diff can change unseen.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_FILE = re.compile(rb"diff --git a/(?P<path>[^\n]+) b/(?P=path)\n")
_HUNK = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@\n")
_ADDED = b"new file mode 100644\n"
_NO_END = b"\\ No newline at end of file\n"


class DiffError(Exception):
    """A diff is malformed, or is not of the file that it is taken back from."""


class _Hunk(NamedTuple):
    """Lines of the old file from `first` on, 0-based, and those that took their place."""

    first: int
    new_first: int
    old: list[bytes]
    new: list[bytes]


class _Section(NamedTuple):
    """What a diff says of one file."""

    path: str
    added: bool
    hunks: list[_Hunk]


def taken_back(diff: bytes, files: Mapping[str, bytes]) -> dict[str, bytes | None]:
    """Undo a unified diff.

    Args:
        diff: the diff.
        files: the files behind it, by path.

    Returns:
        Each file of the diff as it was before; None for one that the diff has added.

    Raises:
        DiffError: the diff is malformed, or is not of these files.
    """
    before: dict[str, bytes | None] = {}
    for section in _sections(_lines(diff)):
        if section.path in before:
            raise DiffError(f"names {section.path} twice")
        if section.path not in files:
            raise DiffError(f"changes {section.path}, which is not there behind it")
        before[section.path] = _undone(section, files[section.path])
    return before


def _lines(data: bytes) -> list[bytes]:
    parts = data.split(b"\n")
    lines = [part + b"\n" for part in parts[:-1]]
    return [*lines, parts[-1]] if parts[-1] else lines


def _sections(lines: Sequence[bytes]) -> Iterator[_Section]:
    at = 0
    while at < len(lines):
        match = _FILE.fullmatch(lines[at])
        if match is None:
            raise _malformed(lines, at)
        path = match["path"]
        added = lines[at + 1 : at + 2] == [_ADDED]
        at += 2 if added else 1
        hunks: list[_Hunk] = []
        # An empty file is added without names or lines.
        if not added or (at < len(lines) and lines[at].startswith(b"--- ")):
            old = b"/dev/null" if added else b"a/" + path
            if list(lines[at : at + 2]) != [b"--- " + old + b"\n", b"+++ b/" + path + b"\n"]:
                raise _malformed(lines, at)
            at += 2
            while at < len(lines) and lines[at].startswith(b"@@"):
                hunk, at = _hunk(lines, at)
                hunks.append(hunk)
            if not hunks:
                raise _malformed(lines, at)
        yield _Section(_text(path), added, hunks)


def _text(path: bytes) -> str:
    try:
        return path.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DiffError(f"has a path that is not UTF-8: {path!r}") from error


def _malformed(lines: Sequence[bytes], at: int) -> DiffError:
    shown = lines[at][:60] if at < len(lines) else b""
    return DiffError(f"is malformed in line {at + 1}: {shown!r}")


def _hunk(lines: Sequence[bytes], at: int) -> tuple[_Hunk, int]:
    match = _HUNK.fullmatch(lines[at])
    if match is None:
        raise _malformed(lines, at)
    first, length, new_first, new_length = (
        1 if part is None else int(part) for part in match.groups()
    )
    old: list[bytes] = []
    new: list[bytes] = []
    sides = {b" ": (old, new), b"-": (old,), b"+": (new,)}
    start, at = at, at + 1
    last: tuple[list[bytes], ...] = ()
    while at < len(lines) and (lines[at][:1] in sides or lines[at].startswith(b"\\")):
        line = lines[at]
        if line.startswith(b"\\"):
            if line != _NO_END or not last:
                raise _malformed(lines, at)
            for side in last:
                side[-1] = side[-1][:-1]
            last = ()
        else:
            last = sides[line[:1]]
            for side in last:
                side.append(line[1:])
        at += 1
    hunk = _Hunk(first - bool(length), new_first - bool(new_length), old, new)
    written = _header(hunk)
    if (len(old), len(new)) != (length, new_length) or lines[start] != written:
        raise _malformed(lines, start)
    return hunk, at


def _header(hunk: _Hunk) -> bytes:
    def part(first: int, count: int) -> str:
        return f"{first + 1 if count else first}" + ("" if count == 1 else f",{count}")

    old, new = part(hunk.first, len(hunk.old)), part(hunk.new_first, len(hunk.new))
    return f"@@ -{old} +{new} @@\n".encode()


def _undone(section: _Section, after: bytes) -> bytes | None:
    lines = _lines(after)
    pieces: list[bytes] = []
    done = shift = 0
    for hunk in section.hunks:
        end = hunk.new_first + len(hunk.new)
        if hunk.new_first < done or lines[hunk.new_first : end] != hunk.new:
            raise DiffError(f"is not what changed {section.path} near line {hunk.new_first + 1}")
        if hunk.first != hunk.new_first - shift:
            raise DiffError(f"misplaces what it changed in {section.path}")
        pieces += [*lines[done : hunk.new_first], *hunk.old]
        shift += len(hunk.new) - len(hunk.old)
        done = end
    pieces += lines[done:]
    if section.added and pieces:
        raise DiffError(f"does not add all of {section.path}")
    return None if section.added else b"".join(pieces)
