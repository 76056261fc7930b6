"""Why something cannot be written as typed edits."""

from __future__ import annotations


class UnexplainedError(Exception):
    """No edit makes a change, not even one of exact text.

    Args:
        path: the file in the tree.
        reason: what stands in the way, and what to do.
        line: where in the file before, 1-based; 0 where all of it is meant.
    """

    def __init__(self, path: str, reason: str, line: int = 0) -> None:
        super().__init__(f"{path}:{line}: {reason}" if line else f"{path}: {reason}")
        self.path = path
        self.reason = reason
        self.line = line
