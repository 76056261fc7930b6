"""Unified diffs written from sites: exact, in one pass, and accepted by `git apply`."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from transforms.engine.apply import splice
from transforms.engine.syntax.source import Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.engine.site import Site

_CONTEXT = 3


@dataclass(slots=True)
class _Change:
    """Whole lines [first, last) of the old file, 0-based, and the lines that replace them."""

    first: int
    last: int
    new: list[bytes]


def unified_diff(path: str, before: bytes | None, sites: Sequence[Site]) -> bytes:
    """Show what sites do to one file.

    Args:
        path: the file's path, shown with the prefixes a/ and b/.
        before: the pristine bytes; None for an added file.
        sites: the non-overlapping sites, in the order of the file.

    Returns:
        The diff, in the format of `git diff` (a/, b/, three lines of context).
    """
    if before is None:
        return _added(path, splice(b"", sites))
    old = _split(before)
    changes = _changes(Source(path, before), old, sites)
    if not changes:
        return b""
    out = [f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n".encode()]
    shift = 0
    for group in _grouped(changes):
        start = max(0, group[0].first - _CONTEXT)
        stop = min(len(old), group[-1].last + _CONTEXT)
        added = sum(len(change.new) - (change.last - change.first) for change in group)
        out.append(_header(start, stop - start, start + shift, stop - start + added))
        at = start
        for change in group:
            out += [_line(b" ", line) for line in old[at : change.first]]
            out += [_line(b"-", line) for line in old[change.first : change.last]]
            out += [_line(b"+", line) for line in change.new]
            at = change.last
        out += [_line(b" ", line) for line in old[at:stop]]
        shift += added
    return b"".join(out)


def _split(data: bytes) -> list[bytes]:
    # Only a line feed ends a line for git; `splitlines` knows more line ends.
    parts = data.split(b"\n")
    lines = [part + b"\n" for part in parts[:-1]]
    return [*lines, parts[-1]] if parts[-1] else lines


def _changes(source: Source, old: list[bytes], sites: Sequence[Site]) -> list[_Change]:
    starts = [0]
    for line in old:
        starts.append(starts[-1] + len(line))
    changes: list[_Change] = []
    unended = bool(old) and not old[-1].endswith(b"\n")
    for begin, last, group in _line_groups(starts, sites, unended=unended):
        first = begin
        base = starts[first]
        text = source.data[base : starts[last]]
        moved = [replace(site, start=site.start - base, end=site.end - base) for site in group]
        new = _split(splice(text, moved))
        was = old[first:last]
        while was and new and was[0] == new[0]:
            was, new, first = was[1:], new[1:], first + 1
        while was and new and was[-1] == new[-1]:
            was, new = was[:-1], new[:-1]
        if was or new:
            changes.append(_Change(first, first + len(was), new))
    return changes


def _line_groups(
    starts: list[int], sites: Sequence[Site], *, unended: bool
) -> list[tuple[int, int, list[Site]]]:
    """Gather the sites that share lines: (first line, line after the last, sites)."""
    total = len(starts) - 1
    # What is added behind a last line without a line end changes that line.
    limit = total - 1 if unended else total
    groups: list[tuple[int, int, list[Site]]] = []
    for site in sites:
        first = max(0, min(bisect_right(starts, site.start) - 1, limit))
        last = min(max(first, bisect_left(starts, site.end)), total)
        # What ends no line runs into the next one.
        at_start = not site.replacement and site.start == starts[first]
        if site.end == starts[last] and not (site.replacement.endswith(b"\n") or at_start):
            last = min(last + 1, total)
        begin, end = groups[-1][:2] if groups else (-1, -1)
        if first < end or first == begin or first == end == total:
            gathered = groups[-1][2]
            groups[-1] = (begin, max(end, last), [*gathered, site])
        else:
            groups.append((first, last, [site]))
    return groups


def _grouped(changes: list[_Change]) -> list[list[_Change]]:
    groups: list[list[_Change]] = []
    for change in changes:
        if groups and change.first - groups[-1][-1].last <= 2 * _CONTEXT:
            groups[-1].append(change)
        else:
            groups.append([change])
    return groups


def _header(start: int, length: int, new_start: int, new_length: int) -> bytes:
    def part(first: int, count: int) -> str:
        # An empty range names the line before it (POSIX diff -u).
        return f"{first + 1 if count else first}" + ("" if count == 1 else f",{count}")

    return f"@@ -{part(start, length)} +{part(new_start, new_length)} @@\n".encode()


def _line(mark: bytes, line: bytes) -> bytes:
    return (
        mark + line if line.endswith(b"\n") else mark + line + b"\n\\ No newline at end of file\n"
    )


def _added(path: str, data: bytes) -> bytes:
    lines = _split(data)
    head = f"diff --git a/{path} b/{path}\nnew file mode 100644\n".encode()
    if not lines:
        return head
    names = f"--- /dev/null\n+++ b/{path}\n".encode()
    return b"".join([head, names, _header(0, 0, 0, len(lines)), *(_line(b"+", x) for x in lines)])
