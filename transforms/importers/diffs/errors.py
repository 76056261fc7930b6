"""Why a diff cannot be read, or cannot be said by typed edits."""

from __future__ import annotations


class DiffError(Exception):
    """A diff that cannot be used.

    Args:
        reason: what is wrong.
        line: where in the diff, 1-based; 0 where all of it is meant.
        next_step: what to do about it; empty where `reason` says it.
    """

    def __init__(self, reason: str, line: int = 0, next_step: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line
        self.next_step = next_step


class GarbledDiffError(DiffError):
    """It is truncated, malformed, or leads out of the tree."""


class UnsupportedDiffError(DiffError):
    """It says what no edit can do, e.g. it deletes a file."""
