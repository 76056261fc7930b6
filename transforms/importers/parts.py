"""What a block consists of, and what to do where a part of it alone cannot be explained.

Two neighbours may have changed so that no edit of the one leaves room for an edit of the other: a
statement, and what was put in behind it at the end of a block. Then they are explained together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from transforms.engine.syntax.source import Span
from transforms.importers.errors import UnexplainedError
from transforms.importers.gap import explain_lines
from transforms.importers.pieces import is_compound

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from transforms.engine.edit import Edit
    from transforms.importers.alignment import Pair
    from transforms.importers.proof import Files

_NEAR = 2
_NEIGHBOURS = 3


class Part(NamedTuple):
    """A statement that is in both versions, or all that is between two of them.

    Attributes:
        before: its bytes before.
        after: its bytes after.
        explain: finds the edits for it.
    """

    before: Span
    after: Span
    explain: Callable[[], list[Edit]]


def without_changed(pairs: Sequence[Pair], line: int) -> list[Pair]:
    """Leave out the changed statement that is nearest to a line, so that it counts as replaced.

    Args:
        pairs: the statements that are in both versions.
        line: where something could not be explained, in the version before.

    Returns:
        The rest; all of them where no changed statement without a block is near.
    """
    near = [
        (_distance(pair, line), number)
        for number, pair in enumerate(pairs)
        if not pair.same and not is_compound(pair.before) and _distance(pair, line) <= _NEAR
    ]
    if not near:
        return [*pairs]
    _, nearest = min(near)
    return [pair for number, pair in enumerate(pairs) if number != nearest]


def _distance(pair: Pair, line: int) -> int:
    first, last = pair.before.lineno, pair.before.end_lineno or 0
    return max(first - line, line - last, 0)


def explain_parts(files: Files, parts: Sequence[Part]) -> list[Edit]:
    """Explain all parts of a block, those that cannot be alone as exact text with their neighbours.

    Args:
        files: the file before and after.
        parts: in order, one directly behind the other.

    Raises:
        UnexplainedError: not even that says it.
    """
    # For each stretch that is explained: its first part, the sites before it, and its edits.
    done: list[tuple[int, int, list[Edit]]] = []
    for number, part in enumerate(parts):
        mark = len(files.taken)
        try:
            done.append((number, mark, part.explain()))
        except UnexplainedError:
            del files.taken[mark:]
            done = _joined(files, parts, done, number)
    return [edit for _, _, edits in done for edit in edits]


def _joined(
    files: Files,
    parts: Sequence[Part],
    done: Sequence[tuple[int, int, list[Edit]]],
    number: int,
) -> list[tuple[int, int, list[Edit]]]:
    """Explain a part together with what stands before it."""
    taken = [*files.taken]
    end, end_after = parts[number].before.end, parts[number].after.end
    for count in range(1, min(_NEIGHBOURS, len(done)) + 1):
        first, mark, _ = done[-count]
        files.taken[:] = taken[:mark]
        new = files.after.data[parts[first].after.start : end_after]
        try:
            edits = explain_lines(files, Span(parts[first].before.start, end), new)
        except UnexplainedError:
            continue
        return [*done[:-count], (first, mark, edits)]
    files.taken[:] = taken
    raise UnexplainedError(
        files.before.path, "it cannot be told from its neighbours", files.before.line_of(end)
    )
