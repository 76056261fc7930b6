"""What edits of native files share: they name a file, and may name a definition in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transforms.engine.explaining.closest import Closest
from transforms.engine.outcome import Problem, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from transforms.engine.syntax.source import Tree

_SHOWN = 3
_LINES_SHOWN = 8


def file_paths(path: str, tree: Tree) -> tuple[str, ...] | Problem:
    """Give the file that an edit names, or say where one of that name is."""
    if path in tree:
        return (path,)
    name = path.rpartition("/")[2]
    same = sorted(other for other in tree if other.rpartition("/")[2] == name)
    return Problem(
        status=Status.MISSING,
        reason=f"this release has no file {path!r}",
        path=path,
        notes=tuple(f"there is {other}" for other in same[:_SHOWN]),
        moved_to=tuple(same),
    )


def shown_lines(lines: Sequence[int]) -> str:
    """Write the numbers of lines as messages show them."""
    more = f" and {len(lines) - _LINES_SHOWN} more" if len(lines) > _LINES_SHOWN else ""
    return ", ".join(map(str, lines[:_LINES_SHOWN])) + more


def count_problem(  # noqa: PLR0913 - each is one column of the message
    *,
    path: str,
    inside: str,
    looked_for: str,
    lines: Sequence[int],
    expected: int,
    already: int,
    closest_to: Callable[[], Closest],
) -> Problem | None:
    """Say what is wrong with a number of matches, with the closest thing that is there.

    Args:
        path: the file.
        inside: the definition that was searched; empty for the whole file.
        looked_for: the pattern, as its author wrote it.
        lines: where it matched.
        expected: how many matches its author counted.
        already: how many places hold what the edit would write.
        closest_to: finds the code that is most like the pattern; asked where nothing matched.
    """
    matched = len(lines)
    if matched == expected:
        return None
    if not matched and already == expected:
        return obsolete(path, inside, looked_for, "what it would write is already there")
    closest = Closest() if matched else closest_to()
    return Problem(
        status=Status.DRIFTED,
        reason=f"matched {matched} sites, expected {expected}",
        path=path,
        scope=inside,
        looked_for=looked_for,
        closest=closest.text,
        line=closest.line,
        notes=(
            *([f"differs in: {closest.difference}"] if closest.difference else []),
            *([f"it matches at lines {shown_lines(lines)}"] if lines else []),
        ),
        next_step=_next_step(matched, expected, closest),
    )


def obsolete(path: str, inside: str, looked_for: str, reason: str) -> Problem:
    """Say that an edit has nothing left to do."""
    return Problem(
        status=Status.OBSOLETE, reason=reason, path=path, scope=inside, looked_for=looked_for
    )


def _next_step(matched: int, expected: int, closest: Closest) -> str:
    if matched > expected:
        return f"say more in the pattern, name a definition in `inside`, or write count={matched}"
    if matched:
        return f"see which of the {expected} is gone or different, or write count={matched}"
    if closest.line:
        return f"compare it with line {closest.line}, and write an edit for that code"
    return "write an edit for what does the same now"
