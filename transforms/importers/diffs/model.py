"""What a unified diff says, as values: files, hunks and lines."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

KEPT, REMOVED, ADDED = b" ", b"-", b"+"


class Line(NamedTuple):
    """One line of a hunk.

    Attributes:
        kind: `KEPT`, `REMOVED` or `ADDED`.
        data: its bytes with their line end, which the last line of a file may lack.
    """

    kind: bytes
    data: bytes


@dataclass(frozen=True, kw_only=True)
class Hunk:
    """One place of a file that changes, with the lines around it.

    Attributes:
        old_start: the number of its first line before; with no lines, of the line above.
        new_start: the number of its first line after.
        header: all of its first line, e.g. ``@@ -1,2 +1,3 @@ class A:``.
        lines: what it says.
        line: where it begins in the diff, 1-based.
    """

    old_start: int
    new_start: int
    header: str
    lines: tuple[Line, ...]
    line: int

    @cached_property
    def before(self) -> tuple[bytes, ...]:
        """The lines that must be there."""
        return tuple(data for kind, data in self.lines if kind != ADDED)

    @cached_property
    def after(self) -> tuple[bytes, ...]:
        """The lines that are there then."""
        return tuple(data for kind, data in self.lines if kind != REMOVED)

    @property
    def range(self) -> str:
        """The numbers of its header, e.g. ``@@ -1,2 +1,3 @@``."""
        return self.header[: self.header.index("@@", 2) + 2]

    @property
    def has_context(self) -> bool:
        """Tell whether it says anything of the lines around what changes."""
        return any(kind == KEPT for kind, _ in self.lines)

    @property
    def ends_with_context(self) -> bool:
        """Tell whether a line stands behind what changes: if not, it is at the end of the file."""
        return self.lines[-1].kind == KEPT


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDiff:
    """What a diff does to one file.

    Attributes:
        before: the file's path in the tree; None where the diff makes it.
        after: its path then; None where the diff deletes it.
        hunks: what changes, in order.
        line: where its part of the diff begins, 1-based.
        is_copy: `before` stays, and `after` is a copy of it with the hunks applied.
        mode: the mode of a file that it makes, e.g. ``100755``; empty where it does not say.
        blob: the beginning of git's name of the bytes before; empty where it is not said.
        refused: why no edit can do what the diff says beside its hunks; empty where one can.
        advice: what to do about that.
    """

    before: str | None
    after: str | None
    hunks: tuple[Hunk, ...]
    line: int
    is_copy: bool = False
    mode: str = ""
    blob: str = ""
    refused: str = ""
    advice: str = ""

    @property
    def path(self) -> str:
        """The path that messages name."""
        return self.after or self.before or ""
