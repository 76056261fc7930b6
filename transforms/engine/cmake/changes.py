"""From the CMake that is there to the CMake that is wanted: only what differs is written.

CMake wants every command to begin a line of its own, so whole commands come and go by lines, with
the comment behind them. Within a command only the arguments that differ are touched.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from transforms.engine.cmake.syntax import Block, Command, keys

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.engine.cmake.syntax import Argument, Hole, Statement


@dataclass(frozen=True, slots=True)
class Change:
    """Bytes of the file, and the text that takes their place."""

    start: int
    end: int
    text: bytes


@dataclass(slots=True)
class Changes:
    r"""What makes statements of a file others.

    Attributes:
        old: the file.
        new: the text that has the statements that are wanted, with ``\n`` for its line ends.
        found: the changes so far.
    """

    old: bytes
    new: bytes
    found: list[Change] = field(default_factory=list)

    def statements(self, old: Sequence[Statement], new: Sequence[Statement], above: int) -> None:
        """Compare two lists of statements.

        Args:
            old: those that are there.
            new: those that are wanted.
            above: a byte of the line above the first of `old`, for where there is none.
        """
        for tag, first, last, begin, end in _opcodes(keys(old), keys(new)):
            if tag == "equal":
                continue
            # What comes, goes or changes lies between commands that stay, or become others.
            pairs = _alike(old[first:last], new[begin:end])
            at, to = first, begin
            for one, other in [*pairs, (last - first, end - begin)]:
                self._run(old, (at, first + one), new[to : begin + other], above)
                if first + one < last:
                    self._statement(old[first + one], new[begin + other])
                at, to = first + one + 1, begin + other + 1

    def _run(
        self,
        old: Sequence[Statement],
        place: tuple[int, int],
        new: Sequence[Statement],
        above: int,
    ) -> None:
        """Write whole commands in the place of others."""
        first, last = place
        if not new and first == last:
            return
        if not new:
            start = self._line_start(old[first].start)
            self.found.append(Change(start, self._line_end(old[last - 1].end, past=True), b""))
        elif first < last:
            text = self.new[new[0].start : new[-1].end]
            self.found.append(Change(old[first].start, old[last - 1].end, text))
        else:
            text = self.new[_start_of_line(self.new, new[0].start) : new[-1].end]
            if old and not first:
                at = self._line_start(old[0].start)
                self.found.append(Change(at, at, text + b"\n"))
            else:
                at = self._line_end(old[first - 1].end if first else above)
                self.found.append(Change(at, at, b"\n" + text))

    def _statement(self, old: Statement, new: Statement) -> None:
        if isinstance(old, Command) and isinstance(new, Command):
            self._arguments(old, new)
        elif isinstance(old, Block) and isinstance(new, Block):
            for (header, body), (other, items) in zip(old.branches, new.branches, strict=True):
                self._arguments(header, other)
                self.statements(body, items, header.end)

    def _arguments(self, old: Command, new: Command) -> None:
        there, wanted = old.meant, new.meant
        for tag, first, last, begin, end in _opcodes(keys(there), keys(wanted)):
            if tag == "replace" and last - first == end - begin:
                for one, other in zip(there[first:last], wanted[begin:end], strict=True):
                    text = self.new[other.start : other.end]
                    self.found.append(Change(one.start, one.end, text))
            elif tag == "replace":
                text = self.new[wanted[begin].start : wanted[end - 1].end]
                self.found.append(Change(there[first].start, there[last - 1].end, text))
            elif tag == "delete" and first:
                self.found.append(Change(there[first - 1].end, there[last - 1].end, b""))
            elif tag == "delete":
                stop = there[last].start if last < len(there) else there[last - 1].end
                self.found.append(Change(there[0].start, stop, b""))
            elif tag == "insert":
                self._insert(old, new, first, (begin, end))

    def _insert(self, old: Command, new: Command, at: int, added: tuple[int, int]) -> None:
        """Add arguments behind the one that is there before them, if there is one."""
        begin, end = added
        text = self.new[new.meant[begin].start : new.meant[end - 1].end]
        if not at:
            space = b" " if old.meant else b""
            self.found.append(Change(old.opened, old.opened, text + space))
            return
        space = (
            self._space(old.meant, at)
            or self.new[new.meant[begin - 1].end : new.meant[begin].start]
        )
        place = old.meant[at - 1].end
        self.found.append(Change(place, place, space + text))

    def _space(self, arguments: Sequence[Argument | Hole], at: int) -> bytes:
        """Give the line break that stands between all arguments around a place; else nothing."""
        gaps = {
            self.old[arguments[index - 1].end : arguments[index].start]
            for index in (at - 1, at)
            if 0 < index < len(arguments)
        }
        gap = gaps.pop() if len(gaps) == 1 else b""
        return gap.replace(b"\r\n", b"\n") if b"\n" in gap and not gap.strip() else b""

    def _line_start(self, at: int) -> int:
        return _start_of_line(self.old, at)

    def _line_end(self, at: int, *, past: bool = False) -> int:
        """Give where a line ends, without its line end or past it."""
        feed = self.old.find(b"\n", at)
        if feed < 0:
            return len(self.old)
        return feed + 1 if past else feed - self.old[:feed].endswith(b"\r")


def _start_of_line(data: bytes, at: int) -> int:
    return data.rfind(b"\n", 0, at) + 1


def _opcodes(
    old: Sequence[object], new: Sequence[object]
) -> Sequence[tuple[str, int, int, int, int]]:
    return SequenceMatcher(None, old, new, autojunk=False).get_opcodes()


def _is_like(old: Statement, new: Statement) -> bool:
    """Tell whether the one becomes the other by changes inside of it."""
    if isinstance(old, Block) and isinstance(new, Block):
        return [header.name for header, _ in old.branches] == [
            header.name for header, _ in new.branches
        ]
    if not (isinstance(old, Command) and isinstance(new, Command) and old.name == new.name):
        return False
    shared = set(keys(old.meant)) & set(keys(new.meant))
    return bool(shared) or len(old.meant) == len(new.meant) == 1


def _alike(old: Sequence[Statement], new: Sequence[Statement]) -> list[tuple[int, int]]:
    """Pair as many statements as can be with what they become, in the order of both."""
    rows, columns = len(old), len(new)
    most = [[0] * (columns + 1) for _ in range(rows + 1)]
    for row in range(rows - 1, -1, -1):
        for column in range(columns - 1, -1, -1):
            most[row][column] = max(
                most[row + 1][column],
                most[row][column + 1],
                most[row + 1][column + 1] + 1 if _is_like(old[row], new[column]) else 0,
            )
    pairs = []
    row = column = 0
    while row < rows and column < columns:
        best = most[row][column]
        if best == most[row + 1][column]:
            row += 1
        elif best == most[row][column + 1]:
            column += 1
        else:
            pairs.append((row, column))
            row, column = row + 1, column + 1
    return pairs
