"""What became of a patch on a release, and what an author needs to know when it did not apply."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transforms.engine.site import Site


class Status(str, Enum):
    """The six outcomes; only the first two let a wheel be built."""

    APPLIED = "applied"
    EXCLUDED = "excluded"
    OBSOLETE = "obsolete"
    DRIFTED = "drifted"
    MISSING = "missing"
    CONFLICT = "conflict"

    @property
    def is_good(self) -> bool:
        """Tell whether a wheel may be built with a patch of this outcome."""
        return self in {Status.APPLIED, Status.EXCLUDED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why one edit of a patch does not hold on a release.

    Attributes:
        status: the outcome that this problem gives the patch.
        reason: one line that says what is wrong, e.g. ``matched 0 sites, expected 1``.
        path: the file that was looked into; empty where there is none.
        scope: the dotted scope inside the module; empty for the module itself.
        looked_for: the pattern, as its author wrote it.
        closest: the nearest thing that is there; empty where nothing is near.
        line: the line of `closest`, 1-based; 0 where there is none.
        notes: further lines: where a symbol went, or the lines of an overlap.
        next_step: what its author can do now; empty where it depends on the outcome only.
        moved_to: where what is missing may be now, as an edit writes it, the surest first.
    """

    status: Status
    reason: str
    path: str = ""
    scope: str = ""
    looked_for: str = ""
    closest: str = ""
    line: int = 0
    notes: tuple[str, ...] = ()
    next_step: str = ""
    moved_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one patch on one release.

    Attributes:
        patch: the patch's full name, e.g. ``musa/worker_device_type``.
        status: the worst of its edits' outcomes.
        sites: where it changes the tree, in the order of files and bytes.
        problems: pairs of the edit's number (1-based) and its problem.
        edits: how many edits the patch declares, those for other releases included.
        reason: why it is excluded, where it is not its `versions` that say so.
    """

    patch: str
    status: Status
    sites: tuple[Site, ...] = ()
    problems: tuple[tuple[int, Problem], ...] = ()
    edits: int = 0
    reason: str = ""
