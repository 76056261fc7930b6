"""Take a unified diff back, exactly: what is not to the letter what the diff has made is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_FILE = re.compile(rb"diff --git a/(?P<path>[^\n]+) b/(?P=path)\n")
_HUNK = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@\n")
_UNENDED = b"\\ No newline at end of file\n"
_NEW = b"new file mode 100644\n"


class DiffError(ValueError):
    """A diff is not of the form that `unified_diff` writes, or is not of the file at hand."""


@dataclass(frozen=True, slots=True)
class _Hunk:
    """Lines of the new file from one place on, and the lines of the old file for them."""

    at: int
    new: tuple[bytes, ...]
    old: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class FileDiff:
    """What a diff does to one file.

    Attributes:
        path: the file in the tree.
        adds_file: whether the old tree lacks it.
        hunks: the places that it changes, in the order of the file.
    """

    path: str
    adds_file: bool
    hunks: tuple[_Hunk, ...]

    def taken_back(self, data: bytes) -> bytes:
        """Give the file as it was before the diff.

        Args:
            data: the file as the diff has made it.

        Raises:
            DiffError: it is another one.
        """
        lines = _lines(data)
        pieces: list[bytes] = []
        done = 0
        for hunk in self.hunks:
            end = hunk.at + len(hunk.new)
            if hunk.at < done or tuple(lines[hunk.at : end]) != hunk.new:
                raise DiffError(f"{self.path}: line {hunk.at + 1} is not what the diff has made")
            pieces += [*lines[done : hunk.at], *hunk.old]
            done = end
        return b"".join([*pieces, *lines[done:]])


def parsed_diff(diff: bytes) -> list[FileDiff]:
    """Read a diff of the form that `unified_diff` writes.

    Args:
        diff: the diff, of one or more files.

    Raises:
        DiffError: it is of another form.
    """
    lines = _lines(diff)
    files = []
    at = 0
    while at < len(lines):
        file, at = _file(lines, at)
        files.append(file)
    return files


def _lines(data: bytes) -> list[bytes]:
    # Only a line feed ends a line of a diff.
    parts = data.split(b"\n")
    lines = [part + b"\n" for part in parts[:-1]]
    return [*lines, parts[-1]] if parts[-1] else lines


def _file(lines: Sequence[bytes], at: int) -> tuple[FileDiff, int]:
    """Read the diff of one file; give the number of the line behind it, too."""
    head = _FILE.fullmatch(lines[at])
    if head is None:
        raise DiffError(f"line {at + 1} begins no diff of a file")
    path = head["path"]
    at += 1
    adds = at < len(lines) and lines[at] == _NEW
    at += adds
    if adds and (at == len(lines) or _FILE.fullmatch(lines[at])):
        # An empty file: there is nothing to name.
        return FileDiff(path.decode(), True, ()), at
    old = b"--- /dev/null\n" if adds else b"--- a/" + path + b"\n"
    if list(lines[at : at + 2]) != [old, b"+++ b/" + path + b"\n"]:
        raise DiffError(f"line {at + 1} does not name the file")
    at += 2
    hunks = []
    while at < len(lines) and not _FILE.fullmatch(lines[at]):
        hunk, at = _hunk(lines, at)
        hunks.append(hunk)
    return FileDiff(path.decode(), adds, tuple(hunks)), at


def _hunk(lines: Sequence[bytes], at: int) -> tuple[_Hunk, int]:
    """Read one hunk; give the number of the line behind it, too."""
    head = _HUNK.fullmatch(lines[at])
    if head is None:
        raise DiffError(f"line {at + 1} begins no hunk")
    _, old_count, start, new_count = (1 if text is None else int(text) for text in head.groups())
    old: list[bytes] = []
    new: list[bytes] = []
    at += 1
    while (len(old), len(new)) != (old_count, new_count):
        mark = lines[at][:1] if at < len(lines) else b""
        if mark not in {b" ", b"-", b"+"} or len(old) > old_count or len(new) > new_count:
            raise DiffError(f"line {at + 1} is none of a hunk of so many lines")
        unended = at + 1 < len(lines) and lines[at + 1] == _UNENDED
        line = lines[at][1:].removesuffix(b"\n") if unended else lines[at][1:]
        old += [line] if mark != b"+" else []
        new += [line] if mark != b"-" else []
        at += 1 + unended
    # An empty range names the line before it.
    return _Hunk(start - 1 if new else start, tuple(new), tuple(old)), at

