"""What must change in a piece of code to make it say something else; the rest keeps its bytes."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from transforms.engine.syntax.lines import (
    begins_line,
    comments_above,
    ends_line,
    line_end,
    line_start,
    margin,
    moved,
    next_line,
)
from transforms.engine.syntax.tokens import UnreadableError, units

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.engine.syntax.tokens import Group, Item, Part, Unit


class Change(NamedTuple):
    """Bytes of the pristine file, and what is written for them."""

    start: int
    end: int
    text: bytes


@dataclass(slots=True)
class TokenChanges:
    """Collects the changes between two pieces of code, token by token.

    Attributes:
        old: the bytes of the pristine file.
        new: the bytes of the code to write.
        margin_old: the white space before the statement in the file.
        margin_new: the white space before the statement in the code to write.
        newline: the line end of the file.
        found: the changes so far.
    """

    old: bytes
    new: bytes
    margin_old: bytes = b""
    margin_new: bytes = b""
    newline: bytes = b"\n"
    found: list[Change] = field(default_factory=list)

    def compare(self, old: tuple[int, int], new: tuple[int, int]) -> list[Change]:
        """Give the changes that make the first span say what the second one says.

        Raises:
            UnreadableError: one of them has brackets that do not match.
        """
        self._sequence(units(self.old, *old), units(self.new, *new))
        return self.found

    def written(self, start: int, end: int) -> bytes:
        """Give a piece of the code to write, with the margin and line ends of the file."""
        return moved(self.new[start:end], self.margin_new, self.margin_old, self.newline)

    def _change(self, start: int, end: int, text: bytes) -> None:
        self.found.append(Change(start, end, text))

    def _sequence(self, old: Sequence[Unit], new: Sequence[Unit]) -> None:
        if bool(old) is not bool(new):
            raise UnreadableError("one of two pieces of code is empty")
        blocks = _opcodes([unit.key for unit in old], [unit.key for unit in new])
        if not any(
            tag == "equal" and any(unit.parts for unit in old[i1:i2])
            for tag, i1, i2, _, _ in blocks
        ):
            head, tail = _common(old, new)
            ends = (len(old) - tail, len(new) - tail)
            tag = "insert" if head == ends[0] else "delete" if head == ends[1] else "replace"
            blocks = [(tag, head, ends[0], head, ends[1])] if old else []
        for tag, i1, i2, j1, j2 in blocks:
            if tag == "replace":
                self._replace(old[i1:i2], new[j1:j2])
            elif tag == "delete":
                self._delete(old, i1, i2)
            elif tag == "insert":
                self._insert(old, i1, new, (j1, j2))

    def _replace(self, old: Sequence[Unit], new: Sequence[Unit]) -> None:
        inside, around = _only_group(old), _only_group(new)
        if inside and not around and _share(inside.items[0].units, new):
            # Parentheses that the file has, and the code to write has not.
            self._sequence(inside.items[0].units, new)
        elif around and not inside and _share(old, around.items[0].units):
            inner = around.items[0]
            self._change(old[0].start, old[0].start, self.written(around.start, inner.start))
            self._sequence(old, inner.units)
            self._change(old[-1].end, old[-1].end, self.written(inner.end, around.end))
        elif _same_shape(old, new):
            for one, two in zip(old, new, strict=True):
                self._unit(one, two)
        elif old:
            text = self.written(new[0].start, new[-1].end) if new else b""
            self._change(old[0].start, old[-1].end, text)

    def _unit(self, old: Unit, new: Unit) -> None:
        if old.key == new.key:
            return
        head, tail = _common(old.parts, new.parts)
        ours = old.parts[head : len(old.parts) - tail]
        theirs = new.parts[head : len(new.parts) - tail]
        if not old.parts or (len(ours) != len(theirs) and not head + tail):
            self._change(old.start, old.end, self.written(new.start, new.end))
        elif len(ours) == len(theirs):
            for one, two in zip(ours, theirs, strict=True):
                self._part(one, two)
        elif not theirs:
            self._change(ours[0].start, ours[-1].end, b"")
        else:
            at = ours[0].start if ours else (old.parts[head - 1].end if head else old.start)
            end = ours[-1].end if ours else at
            self._change(at, end, self.written(theirs[0].start, theirs[-1].end))

    def _part(self, old: Part, new: Part) -> None:
        if old.key == new.key:
            return
        if old.group and new.group and old.group.opener == new.group.opener:
            self._group(old.group, new.group)
        else:
            self._change(old.start, old.end, self.written(new.start, new.end))

    def _group(self, old: Group, new: Group) -> None:
        if not old.items or not new.items:
            text = self.written(new.start + 1, new.end - 1)
            self._change(old.start + 1, old.end - 1, text)
            return
        theirs = _in_the_order_of(old.items, new.items)
        blocks = _opcodes([item.key for item in old.items], [item.key for item in theirs])
        gone: list[int] = []
        for tag, i1, i2, j1, j2 in blocks:
            at = i1
            for ours, wanted in _pairs(old.items[i1:i2], theirs[j1:j2]) if tag != "equal" else ():
                if ours and wanted:
                    self._sequence(ours.units, wanted.units)
                elif ours:
                    gone.append(at)
                elif wanted:
                    self._insert_item(old, at, wanted)
                at += 1 if ours else 0
        for first, last in _runs(gone):
            self._delete_items(old.items, first, last)

    def _delete_items(self, items: Sequence[Item], first: int, last: int) -> None:
        start, end = items[first].start, items[last].comma or items[last].end
        if begins_line(self.old, start) and ends_line(self.old, end):
            start = comments_above(self.old, line_start(self.old, start))
            self._change(start, next_line(self.old, end), b"")
        elif last + 1 < len(items):
            self._change(start, items[last + 1].start, b"")
        else:
            start = items[first - 1].end if first else start
            self._change(start, items[last].end, b"")

    def _insert_item(self, group: Group, number: int, wanted: Item) -> None:
        text = self.written(wanted.start, wanted.end)
        if number == 0:
            first = group.items[0]
            gap = b" "
            if begins_line(self.old, first.start):
                gap = self.newline + margin(self.old, first.start)
            self._change(first.start, first.start, text + b"," + gap)
            return
        item = group.items[number - 1]
        if not begins_line(self.old, item.start) or not ends_line(self.old, item.comma or item.end):
            self._change(item.end, item.end, b", " + text)
            return
        line = self.newline + margin(self.old, item.start) + text
        if item.comma:
            at = line_end(self.old, item.comma)
            self._change(at, at, line + b",")
        else:
            self._change(item.end, item.end, b",")
            at = line_end(self.old, item.end)
            self._change(at, at, line)

    def _delete(self, old: Sequence[Unit], first: int, last: int) -> None:
        if first and (not old[first].parts or last == len(old)):
            start, end = old[first - 1].end, old[last - 1].end
            if b"\n" in self.old[start : old[first].start] and ends_line(self.old, end):
                start, end = line_end(self.old, start), line_end(self.old, end)
            self._change(start, end, b"")
        elif last < len(old):
            self._change(old[first].start, old[last].start, b"")

    def _insert(
        self, old: Sequence[Unit], at: int, new: Sequence[Unit], run: tuple[int, int]
    ) -> None:
        first, last = run
        if not at:
            text = self.written(new[first].start, new[last].start)
            self._change(old[0].start, old[0].start, text)
            return
        if first > 1 < at and old[at - 1].key == new[last - 1].key and not new[last - 1].parts:
            # `and x` is added behind an operand, rather than `x and` before one.
            at, first, last = at - 1, first - 1, last - 1
        end = old[at - 1].end
        gap = self._gap_before(old, new[first].key)
        if gap and ends_line(self.old, end):
            at_end = line_end(self.old, end)
            self._change(at_end, at_end, gap + self.written(new[first].start, new[last - 1].end))
        else:
            text = self.written(new[first - 1].end, new[last - 1].end)
            if text.startswith((b"\n", b"\r")) and ends_line(self.old, end):
                end = line_end(self.old, end)
            self._change(end, end, text)

    def _gap_before(self, old: Sequence[Unit], key: str) -> bytes:
        """Give the line break and margin that an operator of a chain has in the file."""
        for before, unit in pairwise(old):
            if unit.key == key and not unit.parts and begins_line(self.old, unit.start):
                gap = self.old[before.end : unit.start]
                return self.newline + margin(self.old, unit.start) if b"\\" not in gap else b""
        return b""


def _opcodes(old: Sequence[str], new: Sequence[str]) -> Sequence[tuple[str, int, int, int, int]]:
    return SequenceMatcher(None, old, new, autojunk=False).get_opcodes()


def _only_group(found: Sequence[Unit]) -> Group | None:
    """Give the parentheses that a piece of code consists of, if they change nothing."""
    if len(found) != 1 or len(found[0].parts) != 1:
        return None
    group = found[0].parts[0].group
    plain = group and group.opener == b"(" and len(group.items) == 1 and not group.items[0].comma
    return group if plain else None


def _share(one: Sequence[Unit], other: Sequence[Unit]) -> bool:
    """Tell whether two pieces of code have an operand in common, or the beginning of one."""
    keys = {unit.parts[0].key for unit in one if unit.parts}
    return any(unit.parts[0].key in keys for unit in other if unit.parts)


def _common(
    old: Sequence[Unit] | Sequence[Part], new: Sequence[Unit] | Sequence[Part]
) -> tuple[int, int]:
    """Give how many pieces are equal at the start, and of the others how many at the end."""
    head = tail = 0
    shorter = min(len(old), len(new))
    while head < shorter and old[head].key == new[head].key:
        head += 1
    while tail < shorter - head and old[-1 - tail].key == new[-1 - tail].key:
        tail += 1
    return head, tail


def _same_shape(old: Sequence[Unit], new: Sequence[Unit]) -> bool:
    """Tell whether two pieces of code have the same operators between their operands."""
    shapes = [["" if unit.parts else unit.key for unit in each] for each in (old, new)]
    return bool(old) and shapes[0] == shapes[1]


def _runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Give the first and the last of each run of numbers."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs


def _in_the_order_of(old: Sequence[Item], new: Sequence[Item]) -> list[Item]:
    """Bring keyword arguments into the order that the file has them in."""
    place = {item.label: number for number, item in enumerate(old) if item.label}
    known = [item for item in new if item.label in place]
    known.sort(key=lambda item: place[item.label])
    known.reverse()
    return [known.pop() if item.label in place else item for item in new]


def _pairs(old: Sequence[Item], new: Sequence[Item]) -> list[tuple[Item | None, Item | None]]:
    """Say which item takes the place of which, in the order of the file."""
    if len(old) == len(new):
        return [*zip(old, new, strict=True)]
    if not old:
        return [(None, item) for item in new]
    labels = {item.label for item in new if item.label}
    pairs: list[tuple[Item | None, Item | None]] = []
    waiting = [*new]
    for item in old:
        if item.label not in labels and (item.label or len(old) > len(new)):
            pairs.append((item, None))
            continue
        while waiting and item.label in labels and waiting[0].label != item.label:
            pairs.append((None, waiting.pop(0)))
        pairs.append((item, waiting.pop(0) if waiting else None))
    pairs += [(None, item) for item in waiting]
    return _joined(pairs)


def _joined(
    pairs: Sequence[tuple[Item | None, Item | None]],
) -> list[tuple[Item | None, Item | None]]:
    """Make one replacement of an item that goes and one that comes beside it."""
    joined: list[tuple[Item | None, Item | None]] = []
    for ours, wanted in pairs:
        before = joined[-1] if joined else (None, None)
        if before[0] and not before[1] and not ours:
            joined[-1] = (before[0], wanted)
        elif before[1] and not before[0] and not wanted:
            joined[-1] = (ours, before[1])
        else:
            joined.append((ours, wanted))
    return joined
