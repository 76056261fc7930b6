"""Read unified diffs, as git, GNU diff and others write them, and refuse what is not whole.

The format: https://www.gnu.org/software/diffutils/manual/html_node/Detailed-Unified.html, and for
git's own headers https://git-scm.com/docs/diff-format. `git apply` skips what it does not
understand. Here a hunk that says more or fewer lines than its header is an error: what was lost
there nobody knows.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from transforms.importers.diffs.errors import GarbledDiffError, UnsupportedDiffError
from transforms.importers.diffs.headers import GIT, read_git_headers, read_plain_headers
from transforms.importers.diffs.model import ADDED, KEPT, REMOVED, FileDiff, Hunk, Line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.importers.diffs.names import Naming

_HUNK = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_COMBINED = (b"@@@ ", b"diff --cc ", b"diff --combined ")
# What a mail ends with: https://www.rfc-editor.org/rfc/rfc3676#section-4.3
_SIGNATURE = (b"-- \n", b"--\n", b"-- \r\n")
_CONTEXT_DIFF = b"***************"


def parse_diff(data: bytes, naming: Naming, *, first: int = 1) -> list[FileDiff]:
    """Read all files of a diff. What stands around them, as a message does, is passed over.

    Args:
        data: the diff.
        naming: how its names become paths.
        first: the number of its first line, where it is a part of a file.

    Raises:
        GarbledDiffError: it is truncated or malformed, or leads out of the tree.
        UnsupportedDiffError: it is of a kind that cannot be read, or names what no edit can do.
    """
    # Not `splitlines`: a lone carriage return is a part of a line.
    lines = data.split(b"\n")
    whole = [line + b"\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
    return _Reader(whole, naming, first).read()


class _Reader:
    """Reads from the first line to the last."""

    def __init__(self, lines: Sequence[bytes], naming: Naming, first: int) -> None:
        self._lines = lines
        self._naming = naming
        self._first = first

    def read(self) -> list[FileDiff]:
        found: list[FileDiff] = []
        at = 0
        while at < len(self._lines):
            line = self._lines[at]
            if line.startswith(_COMBINED):
                step = "make it against one parent, e.g. with `git diff COMMIT^1 COMMIT`"
                raise UnsupportedDiffError("a combined diff of a merge", self._number(at), step)
            if line.startswith(_CONTEXT_DIFF):
                step = "make it with `diff -u` or `git diff`"
                raise UnsupportedDiffError(
                    "a context diff, not a unified one", self._number(at), step
                )
            if line.startswith(b"@@ -"):
                raise GarbledDiffError("a hunk without the names of its file", self._number(at))
            if line.startswith(GIT):
                file, at = self._git(at)
                found.append(file)
            elif self._is_plain(at):
                file, at = self._plain(at)
                found.append(file)
            else:
                at += 1
        return found

    def _number(self, at: int) -> int:
        return self._first + at

    def _is_plain(self, at: int) -> bool:
        """Tell whether a diff without git's headers begins here."""
        one, other, hunk = (*self._lines[at : at + 3], b"", b"", b"")[:3]
        return one.startswith(b"--- ") and other.startswith(b"+++ ") and hunk.startswith(b"@@ -")

    def _git(self, at: int) -> tuple[FileDiff, int]:
        headers, behind = read_git_headers(self._lines, at, self._number(at), self._naming)
        hunks, end = self._hunks(behind)
        if headers.has_names and not hunks:
            raise GarbledDiffError("the names of a file, and no hunk", self._number(behind))
        return headers.file(hunks), end

    def _plain(self, at: int) -> tuple[FileDiff, int]:
        headers = read_plain_headers(self._lines, at, self._number(at), self._naming)
        hunks, end = self._hunks(at + 2)
        return headers.file(hunks), end

    def _hunks(self, at: int) -> tuple[tuple[Hunk, ...], int]:
        hunks: list[Hunk] = []
        while at < len(self._lines) and self._lines[at].startswith(b"@@ -"):
            hunk, at = self._hunk(at)
            hunks.append(hunk)
        if hunks and at < len(self._lines) and self._goes_on(at):
            reason = f"more lines than {hunks[-1].range} says"
            raise GarbledDiffError(reason, self._number(at), "make the diff again")
        return tuple(hunks), at

    def _goes_on(self, at: int) -> bool:
        line = self._lines[at]
        if line in _SIGNATURE or self._is_plain(at):
            return False
        return line.startswith((KEPT, REMOVED, ADDED))

    def _hunk(self, at: int) -> tuple[Hunk, int]:
        found = _HUNK.match(self._lines[at])
        if found is None:
            raise GarbledDiffError("a hunk's header that says no lines", self._number(at))
        starts = int(found[1]), int(found[3])
        left = [int(found[2] or 1), int(found[4] or 1)]
        start, lines = at, list[Line]()
        at += 1
        while any(left):
            line = self._lines[at] if at < len(self._lines) else None
            if line is None:
                raise self._truncated(start, left)
            # Editors take away the blank that stands for an empty line; git accepts that.
            kind, text = (KEPT, line) if line in {b"\n", b"\r\n"} else (line[:1], line[1:])
            if kind not in {KEPT, REMOVED, ADDED}:
                raise self._truncated(start, left, at)
            left[0] -= kind != ADDED
            left[1] -= kind != REMOVED
            if min(left) < 0:
                raise self._truncated(start, [max(0, each) for each in left], at)
            at += 1
            if at < len(self._lines) and self._lines[at].startswith(b"\\ "):
                text, at = text.removesuffix(b"\n"), at + 1
            elif not text.endswith(b"\n"):
                raise GarbledDiffError("it ends in the middle of a line", self._number(at - 1))
            lines.append(Line(kind, text))
        if not lines:
            raise GarbledDiffError("a hunk without a line", self._number(start))
        header = self._lines[start].decode("utf-8", "replace").rstrip("\r\n")
        hunk = Hunk(
            old_start=starts[0],
            new_start=starts[1],
            header=header,
            lines=tuple(lines),
            line=self._number(start),
        )
        return hunk, at

    def _truncated(self, start: int, left: list[int], at: int | None = None) -> GarbledDiffError:
        header = self._lines[start].decode("utf-8", "replace").rstrip()
        where = self._number(start if at is None else at)
        if at is None:
            reason = f"it ends inside of {header}: {left[0]} and {left[1]} lines are missing"
        else:
            reason = f"no line of {header}, of which {left[0]} and {left[1]} lines are missing"
        return GarbledDiffError(reason, where, "get the whole diff, or make it again")
