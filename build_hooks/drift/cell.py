"""One cell of the matrix: what became of one patch on one release, or why nobody can say."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from transforms.engine.outcome import Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from build_hooks.errors import WheelwrightError

ERROR = "error"
OUTCOMES = (*(status.value for status in Status), ERROR)
"""What a cell can hold: the six outcomes, or `error` where a build would stop otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a patch has no outcome on a release, or a good one that cannot be used.

    Attributes:
        kind: the kind of error, as docs/exit-codes.md names it.
        exit_code: what a build of this release would end with.
        message: what it would say.
    """

    kind: str
    exit_code: int
    message: str

    @classmethod
    def of(cls, error: WheelwrightError) -> Failure:
        """Keep what an error says."""
        return cls(kind=error.kind, exit_code=error.exit_code, message=str(error))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What became of one patch on one release.

    Attributes:
        outcome: one of `OUTCOMES`.
        sites: the places that it changes: pairs of a path and a 1-based line.
        problems: what is wrong, as `check --json` writes it.
        message: what is wrong, line by line as `check` writes it.
        checks: the checks on the edited files that failed.
        diff: what the patch alone does to the release; empty unless it was applied.
        failure: why there is no good outcome although no problem was found; only with `error`.
    """

    outcome: str
    sites: tuple[tuple[str, int], ...] = ()
    problems: tuple[Mapping[str, Any], ...] = ()
    message: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    diff: str = ""
    failure: Failure | None = None

    @property
    def is_good(self) -> bool:
        """Tell whether a wheel can be built with the patch."""
        return self.outcome in {Status.APPLIED.value, Status.EXCLUDED.value}

    @property
    def is_verdict(self) -> bool:
        """Tell whether it says something of the patch, and not of the network or a worker."""
        return self.outcome != ERROR or bool(self.checks)

    @classmethod
    def failed(cls, failure: Failure) -> Cell:
        """Make the cell of a patch that could not be matched."""
        return cls(
            outcome=ERROR, failure=failure, message=tuple(failure.message.splitlines()) or ("",)
        )

    def as_json(self) -> dict[str, Any]:
        """Give all of it as JSON can hold it."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Cell:
        """Read what `as_json` gave and JSON carried."""
        failure = document["failure"]
        return cls(
            outcome=document["outcome"],
            sites=tuple((path, line) for path, line in document["sites"]),
            problems=tuple(document["problems"]),
            message=tuple(document["message"]),
            checks=tuple(document["checks"]),
            diff=document["diff"],
            failure=None if failure is None else Failure(**failure),
        )
