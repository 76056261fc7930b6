"""What each platform does on each release, as one word: the table of versions, made from outcomes.

Nobody writes a state by hand. It follows from what became of the platform's patches there, and from
the releases for which they are declared.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from packaging.version import Version

from build_hooks.drift.columns import column_name, series
from build_hooks.drift.declared import COMMON
from transforms.engine.outcome import Status
from transforms.engine.patch import admits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from build_hooks.drift.matrix import Matrix, Row
    from build_hooks.lock import LockedArtifact

State = Literal["full", "partial", "experimental", "none"]
STATES: dict[State, str] = {
    "full": "every patch holds, or has ended: upstream has it, or what it changed is gone",
    "partial": "a wheel can be built; some patches are declared for other releases, most for later",
    "experimental": "some patches fail; a wheel can be built without them (`skip`)",
    "none": "no patch holds",
}
"""Every state, the best first, with what it means."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """What one platform does on one artifact.

    Attributes:
        platform: its name.
        column: the artifact's name, as `column_name` gives it.
        state: what that comes to.
        applied: the patches that hold.
        ended: those that are declared for older releases only.
        absent: those that are declared for other releases, later ones among them, or that this kind
            of artifact does not take.
        failing: those that do not hold.
    """

    platform: str
    column: str
    state: State
    applied: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    failing: tuple[str, ...] = ()

    @property
    def series(self) -> str:
        """Of what the artifact is one release, as in `build_hooks.drift.columns.series`."""
        return self.column.partition(" ")[2]

    def as_json(self) -> dict[str, Any]:
        """Give all of it as JSON can hold it."""
        return {
            "platform": self.platform,
            "artifact": self.column,
            "state": self.state,
            "applied": list(self.applied),
            "ended": list(self.ended),
            "absent": list(self.absent),
            "failing": list(self.failing),
        }


def compatibility(matrix: Matrix, releases: Sequence[str]) -> list[Support]:
    """Say what every platform does on every artifact of a matrix.

    Args:
        matrix: what became of every patch.
        releases: all that the lock has, also those that the matrix does not show: they tell
            whether a patch ended before a release or begins behind it.

    Returns:
        By platform: the sdists of vLLM, then other artifacts, each oldest first.
    """
    platforms = [name for name in matrix.platforms if name != COMMON]
    return [
        _support(name, locked, [row for row in matrix.rows if row.platform == name], releases)
        for name in platforms
        for locked in sorted(matrix.artifacts, key=series)
    ]


def _support(
    platform: str, locked: LockedArtifact, rows: Sequence[Row], releases: Sequence[str]
) -> Support:
    column = column_name(locked)
    names: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows:
        names[_part(row, column, locked.release, releases)].append(row.name)
    parts = {part: tuple(found) for part, found in names.items()}
    return Support(platform=platform, column=column, state=_state(names), **parts)


def _part(row: Row, column: str, release: str, releases: Sequence[str]) -> str:
    """Say which of the parts of `Support` a patch belongs to."""
    cell = row.cells[column]
    if not cell.is_good:
        return "failing"
    if cell.outcome == Status.APPLIED:
        return "applied"
    declared_for = [
        Version(each) for each in releases if row.patch and admits(row.patch.versions, each)
    ]
    ended = bool(declared_for) and max(declared_for) < Version(release)
    return "ended" if ended else "absent"


def _state(names: dict[str, list[str]]) -> State:
    if not names.get("applied"):
        # Upstream has all of it: nothing is missing.
        return "full" if names.keys() == {"ended"} else "none"
    if names.get("failing"):
        return "experimental"
    return "partial" if names.get("absent") else "full"


def runs(supports: Sequence[Support]) -> Iterator[list[Support]]:
    """Give one platform's neighbouring artifacts of a kind that are in one state, for one reason.

    Args:
        supports: of one platform, in the order of `compatibility`.
    """
    run: list[Support] = []
    for support in supports:
        if run and _reason(support) != _reason(run[-1]):
            yield run
            run = []
        run.append(support)
    if run:
        yield run


def _reason(support: Support) -> tuple[object, ...]:
    return support.series, support.state, support.absent, support.failing
