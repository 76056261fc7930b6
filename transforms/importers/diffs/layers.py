"""A file to which one commit after the other is applied, and which of them wrote which line.

No line is forgotten: one that a commit took away stays, with the commit's number. So the file can
be given with the changes of some commits only, and two commits of which one changes what the other
wrote are known to belong together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from transforms.importers.diffs.model import ADDED, KEPT
from transforms.importers.diffs.refusals import refusal_of

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from transforms.importers.diffs.model import Hunk

UPSTREAM = -1


@dataclass(slots=True, eq=False)
class Entry:
    """One line that is or was in the file.

    Attributes:
        data: its bytes with the line end.
        writer: the commit that wrote it; `UPSTREAM` for the release.
        remover: the commit that took it away; None while it is there.
    """

    data: bytes
    writer: int = UPSTREAM
    remover: int | None = None


class HunkError(Exception):
    """A hunk does not apply.

    Args:
        reason: what is there instead.
        is_done: what it would write is there already.
    """

    def __init__(self, reason: str, *, is_done: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_done = is_done


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where a hunk was applied.

    Attributes:
        offset: how many lines behind the place that it names; negative for before it.
        written: the lines that it wrote and took away.
        around: all of its lines, those that only stand beside included.
        joined: the commits that wrote what it changes or stands beside.
    """

    offset: int
    written: tuple[Entry, ...]
    around: tuple[Entry, ...]
    joined: frozenset[int]

    @classmethod
    def nothing(cls) -> Placed:
        """Give what a file without hunks has: an empty one that is made, or a plain copy."""
        return cls(offset=0, written=(), around=(), joined=frozenset())


@dataclass(slots=True)
class Layers:
    """A file with all of its lines, those that are gone included.

    Attributes:
        entries: in the order of the file.
        creator: the commit that made the file; `UPSTREAM` where the release has it.
    """

    entries: list[Entry] = field(default_factory=list)
    creator: int = UPSTREAM

    @classmethod
    def of(cls, data: bytes) -> Layers:
        """Begin with the bytes of a release."""
        return cls([Entry(line) for line in lines_of(data)])

    @classmethod
    def copied(cls, other: Layers, commit: int) -> Layers:
        """Begin a new file with the lines that another one has now."""
        there = [Entry(entry.data, commit) for entry in other.entries if entry.remover is None]
        return cls(there, commit)

    def data(self) -> bytes:
        """Give the file as it is now."""
        return b"".join(entry.data for entry in self.entries if entry.remover is None)

    def data_with(self, commits: Container[int]) -> bytes:
        """Give the file with the changes of some commits only.

        Args:
            commits: their numbers; one that changes what another wrote comes with it.
        """
        return b"".join(entry.data for entry in self.entries if _is_there(entry, commits))

    def apply(self, hunks: Sequence[Hunk], commit: int) -> Iterator[Placed | HunkError]:
        """Apply hunks, exactly and each of them alone: what does not apply changes nothing.

        Args:
            hunks: in the order of the file.
            commit: the number of the commit that they are of.

        Returns:
            Where each hunk went, or why it does not apply.
        """
        # Another hunk of the same diff never stands on what one before it did.
        fresh: set[int] = set()
        for hunk in hunks:
            there = [at for at, entry in enumerate(self.entries) if entry.remover is None]
            try:
                first = self._place(hunk, there, fresh)
            except HunkError as error:
                yield error
                continue
            placed = self._write(hunk, there, first, commit)
            fresh.update(id(entry) for entry in placed.written)
            yield placed

    def _place(self, hunk: Hunk, there: Sequence[int], fresh: set[int]) -> int:
        """Find where a hunk fits: at the place that it names, or else at the only other one."""
        wanted = hunk.before
        at = max(0, hunk.new_start - 1)
        lines = [self.entries[index] for index in there]
        starts = _starts(hunk, len(lines))
        fits = [
            start
            for start in starts
            if all(
                entry.data == line and id(entry) not in fresh
                for entry, line in zip(lines[start : start + len(wanted)], wanted, strict=True)
            )
        ]
        if at in fits or len(fits) == 1:
            return at if at in fits else fits[0]
        reason, is_done = refusal_of(hunk, [entry.data for entry in lines], fits)
        raise HunkError(reason, is_done=is_done)

    def _write(self, hunk: Hunk, there: Sequence[int], first: int, commit: int) -> Placed:
        """Put the lines of a hunk where it fits."""
        offset = first - max(0, hunk.new_start - 1)
        joined: set[int] = {self.creator}
        written: list[Entry] = []
        around: list[Entry] = []
        # Where the next line goes; all that was put in so far stands before it.
        at = there[first] if first < len(there) else len(self.entries)
        shift = 0
        for kind, data in hunk.lines:
            if kind == ADDED:
                joined |= self._beside(at)
                entry = Entry(data, commit)
                self.entries.insert(at, entry)
                written.append(entry)
                around.append(entry)
                at, shift = at + 1, shift + 1
                continue
            at = there[first] + shift
            entry = self.entries[at]
            around.append(entry)
            if kind != KEPT:
                joined.add(entry.writer)
                entry.remover = commit
                written.append(entry)
            at, first = at + 1, first + 1
        return Placed(
            offset=offset,
            written=tuple(written),
            around=tuple(around),
            joined=frozenset(joined - {UPSTREAM, commit}),
        )

    def _beside(self, at: int) -> set[int]:
        """Name the commits that changed what is directly above or below a place."""
        found: set[int] = set()
        for step, start in ((-1, at - 1), (1, at)):
            index = start
            while 0 <= index < len(self.entries):
                entry = self.entries[index]
                found |= {entry.writer} | ({entry.remover} if entry.remover is not None else set())
                if entry.remover is None:
                    break
                index += step
        return found


def _is_there(entry: Entry, commits: Container[int]) -> bool:
    written = entry.writer == UPSTREAM or entry.writer in commits
    return written and (entry.remover is None or entry.remover not in commits)


def _starts(hunk: Hunk, size: int) -> range:
    """Give where a hunk may begin, by the rules of `git apply`.

    One that begins with the first line belongs there, and one without a line behind what changes
    belongs to the end: https://github.com/git/git/blob/v2.47.0/apply.c, `apply_one_fragment`.
    """
    last = size - len(hunk.before)
    first, end = 0, last
    if hunk.old_start <= 1:
        end = min(0, last)
    if not hunk.ends_with_context:
        first = max(last, 0)
    return range(first, end + 1) if last >= 0 else range(0)


def lines_of(data: bytes) -> list[bytes]:
    """Give the lines of a file as diffs count them: a carriage return alone ends none."""
    lines = data.split(b"\n")
    return [line + b"\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
