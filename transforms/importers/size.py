"""Whether an edit says far more than what changes: then a few lines of exact text say it better."""

from __future__ import annotations

from dataclasses import fields
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from transforms.edits import ReplaceText

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.engine.edit import Edit
    from transforms.importers.proof import Change

# What fits on a part of a screen is read, whatever of it changed.
_LINES = 12
_TIMES = 4


def says_too_much(edit: Edit, changes: Sequence[Change], data: bytes) -> bool:
    """Tell whether a pattern or replacement is much longer than all that changes.

    Args:
        edit: an edit; exact text never says too much, as it is the last resort.
        changes: all that it has to do.
        data: the file before.
    """
    if isinstance(edit, ReplaceText):
        return False
    texts = [getattr(edit, item.name) for item in fields(edit) if item.init]  # type: ignore[arg-type]
    lines = max((text.count("\n") + 1 for text in texts if isinstance(text, str)), default=0)
    return lines > _LINES and lines > _TIMES * sum(_changed(each, data) for each in changes)


def _changed(change: Change, data: bytes) -> int:
    """Count the lines that differ, of the version that has more of them."""
    old = data[change.start : change.end].splitlines()
    new = change.text.splitlines()
    if not old or not new:
        return len(old) + len(new)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return sum(
        max(end - start, last - first)
        for kind, start, end, first, last in matcher.get_opcodes()
        if kind != "equal"
    )
