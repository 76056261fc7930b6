"""Why a hunk does not apply: what is there instead, and whether its work is done already."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from transforms.importers.diffs.model import KEPT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.importers.diffs.model import Hunk

_SHOWN = 60
_PLACES = 6


def refusal_of(hunk: Hunk, lines: Sequence[bytes], fits: Sequence[int]) -> tuple[str, bool]:
    """Say why a hunk does not apply.

    Args:
        hunk: the hunk.
        lines: those of the file.
        fits: the places, from 0, that it fits, none of them the one that it names.

    Returns:
        The reason, and whether what the hunk would write is there already.
    """
    if len(fits) > 1:
        places = ", ".join(str(start + 1) for start in fits[:_PLACES])
        return f"it fits at lines {places}, and none of them is the one it names", False
    if not hunk.has_context and not _is_whole(hunk, lines):
        return "it has no lines around what changes, so that nothing says where it belongs", False
    done = _found(hunk.after, lines)
    if done:
        return f"what it would write is there already, at line {done[0] + 1}", True
    ends = _other_line_ends(hunk, lines)
    if ends:
        return ends, False
    return _difference(hunk, lines), False


def _is_whole(hunk: Hunk, lines: Sequence[bytes]) -> bool:
    return len(hunk.before) >= len(lines)


def _found(wanted: Sequence[bytes], lines: Sequence[bytes]) -> list[int]:
    """Give where some lines stand, one behind the other."""
    if not wanted:
        return []
    size = len(wanted)
    return [
        start
        for start, line in enumerate(lines)
        if line == wanted[0] and tuple(lines[start : start + size]) == tuple(wanted)
    ]


def _other_line_ends(hunk: Hunk, lines: Sequence[bytes]) -> str:
    """Say that a hunk differs in its line ends only; nothing where that is not so."""
    bare = [line.rstrip(b"\r\n") for line in lines]
    if not _found([line.rstrip(b"\r\n") for line in hunk.before], bare):
        return ""
    ends = [
        sum(line.endswith(b"\r\n") for line in side) * 2 > len(side)
        for side in (hunk.before, lines)
    ]
    if ends == [True, False]:
        return "its lines end with CRLF, those of the file with LF"
    if ends == [False, True]:
        return "its lines end with LF, those of the file with CRLF"
    return "only the ends of lines differ from what is there: a line end at the end of the file?"


def _difference(hunk: Hunk, lines: Sequence[bytes]) -> str:
    """Name the first line that is not there, and what stands where it should be."""
    size = len(hunk.before)
    starts = range(max(1, len(lines) - size + 1))
    wanted = hunk.before
    named = max(0, hunk.old_start - 1)
    best = max(
        starts,
        key=lambda start: (
            sum(
                one == other
                for one, other in zip(wanted, lines[start : start + size], strict=False)
            ),
            -abs(start - named),
        ),
    )
    context = [kind == KEPT for kind, _ in hunk.lines if kind != b"+"]
    for number, line in enumerate(wanted):
        there = lines[best + number] if best + number < len(lines) else None
        if line != there:
            what = "around it" if context[number] else "to take away"
            shown = "the file ends" if there is None else f"is {_text(there)}"
            same = _alike(wanted, lines[best : best + size])
            return f"a line {what} is {_text(line)}, and line {best + number + 1} {shown}{same}"
    return "its lines are there, but not where it says"


def _alike(wanted: Sequence[bytes], there: Sequence[bytes]) -> str:
    matcher = SequenceMatcher(None, wanted, there, autojunk=False)
    same = sum(block.size for block in matcher.get_matching_blocks())
    return f" ({same} of {len(wanted)} lines are there)"


def _text(line: bytes) -> str:
    text = line.decode("utf-8", "replace").rstrip("\r\n").strip()
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")
