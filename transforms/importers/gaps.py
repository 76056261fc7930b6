"""What was added, removed or replaced between two statements that are still there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transforms.importers.gap import Gap, explain_lines
from transforms.importers.imports import imported
from transforms.importers.inserted import inserted
from transforms.importers.members import member
from transforms.importers.removed import removed
from transforms.importers.replaced import replaced_in

if TYPE_CHECKING:
    from transforms.engine.edit import Edit


def explain_gap(gap: Gap) -> list[Edit]:
    """Find the edits for a gap.

    Raises:
        UnexplainedError: not even exact text says it.
    """
    if gap.old == gap.new:
        return []
    ways = {
        (False, False): [],
        (False, True): [imported, member, inserted],
        (True, False): [removed],
        (True, True): [replaced_in],
    }[bool(gap.removed), bool(gap.added)]
    for way in ways:
        mark = len(gap.files.taken)
        found = way(gap)
        if found is not None:
            return found
        del gap.files.taken[mark:]
    return explain_lines(gap.files, gap.before, gap.new)
