# SPDX-License-Identifier: Apache-2.0
"""Forward passes, and the steps that they belong to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .session import Session


def forward_ns(row: Any) -> int:  # noqa: ANN401 - a row of the table `forward`
    """Give what a forward pass took: the device's time where it was measured, else the host's."""
    took: int = row.duration_ns if row.device_ns is None else row.device_ns
    return took


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinedStep:
    """A step of an EngineCore, with the forward passes that it caused.

    Attributes:
        step: the row of the table `steps`.
        passes: the rows of the table `forward`, one for each worker.
    """

    step: Any
    passes: tuple[Any, ...]

    @property
    def duration_ns(self) -> int:
        """From the start of `schedule()` to the end of the last forward pass, on the wall clock."""
        ends: list[int] = [
            row.time_ns + max(row.duration_ns, forward_ns(row)) for row in self.passes
        ]
        started: int = self.step.time_ns - self.step.duration_ns
        return max(ends) - started


def joined_steps(session: Session) -> list[JoinedStep]:
    """Join the EngineCores' steps with the workers' forward passes by the step's id.

    Several EngineCores (data parallel) count their steps each for itself: a worker's passes belong
    to the EngineCore that started it. Steps without a forward pass are left out.
    """
    engines = session.engines()
    passes: dict[tuple[int | None, int], list[Any]] = {}
    for row in session.rows("forward"):
        passes.setdefault((engines[row.process], row.step), []).append(row)
    return [
        JoinedStep(step=row, passes=tuple(found))
        for row in session.rows("steps")
        if (found := passes.get((engines[row.process], row.step)))
    ]
