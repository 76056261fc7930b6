# SPDX-License-Identifier: Apache-2.0
"""The plots over time, of a session's rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..figures import NS_IN_MS
from ..forward import forward_ns, joined_steps
from ..summary.timing import PHASES
from .columns import Columns, greatest, held, means, spans, sums
from .plot import Plot, Series

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..session import Session

# A row with a phase and a time, and nanoseconds that it took.
Figure = tuple[Any, int]


class Plots:
    """Makes the plots of one session, all over the same columns of time."""

    def __init__(self, session: Session, columns: Columns) -> None:
        """Take a session and its columns."""
        self._session = session
        self._columns = columns

    def step_time(self) -> Plot:
        """Draw what whole steps took, by phase."""
        return self._by_phase(
            "steps",
            "Step time",
            [(joined.step, joined.duration_ns) for joined in joined_steps(self._session)],
            notes="From the start of schedule() to the end of the step's last forward pass.",
        )

    def schedule_time(self) -> Plot:
        """Draw what `schedule()` took, by phase."""
        return self._by_phase(
            "schedule",
            "schedule() time",
            [(row, row.duration_ns) for row in self._session.rows("steps")],
            notes="The scheduler alone, on the host.",
        )

    def forward_time(self) -> Plot:
        """Draw what forward passes took, by phase."""
        return self._by_phase(
            "forward",
            "Forward pass time",
            [(row, forward_ns(row)) for row in self._session.rows("forward")],
            notes="Of every rank; the device's time where it was measured, else the host's.",
        )

    def requests(self) -> Plot:
        """Draw the requests of the steps, and those that wait."""
        rows = self._session.rows("steps")
        scheduled = self._gather(rows, lambda row: row.scheduled_requests)
        waiting = self._gather(rows, lambda row: row.waiting)
        return Plot(
            name="requests",
            title="Requests",
            unit="requests",
            columns=self._columns,
            series=[
                Series(
                    name="scheduled in a step", style="first", values=means(scheduled), bars=True
                ),
                Series(name="waiting", style="second", values=means(waiting)),
            ],
            limits={"limit": max(row.max_running for row in rows)},
            notes="Means of the steps of each column.",
        )

    def tokens(self) -> Plot:
        """Draw the tokens of the steps against the budget."""
        rows = [row for row in self._session.rows("steps") if row.scheduled_tokens]
        decode = Series(
            name="decode",
            style="decode",
            values=means(self._gather(rows, lambda row: row.decode_tokens)),
            bars=True,
        )
        prefill = Series(
            name="prefill",
            style="prefill",
            values=means(self._gather(rows, lambda row: row.prefill_tokens)),
            bars=True,
            on=decode,
        )
        most = greatest(self._gather(rows, lambda row: row.scheduled_tokens))
        return Plot(
            name="tokens",
            title="Scheduled tokens",
            unit="tokens a step",
            columns=self._columns,
            series=[decode, prefill, Series(name="greatest step", style="mixed", values=most)],
            limits={"budget": max((row.max_tokens for row in rows), default=0)},
            notes="Bars are means of the steps that scheduled anything, dashes the greatest.",
        )

    def blocks(self) -> Plot:
        """Draw the KV blocks in use."""
        rows = self._session.rows("steps")
        used = held(greatest(self._gather(rows, lambda row: row.blocks_used)))
        return Plot(
            name="blocks",
            title="KV blocks in use",
            unit="blocks",
            columns=self._columns,
            series=[Series(name="in use", style="first", values=used, bars=True)],
            limits={"all blocks": max(row.blocks_total for row in rows)},
            notes="The most of each column; what is in use stays so between steps.",
        )

    def evictions(self) -> Plot:
        """Draw what went in and out of the KV cache."""
        rows = self._session.rows("steps")
        return Plot(
            name="evictions",
            title="KV blocks allocated and evicted",
            unit="blocks",
            columns=self._columns,
            series=[
                Series(
                    name="allocated",
                    style="first",
                    values=sums(self._gather(rows, lambda row: row.blocks_allocated)),
                    bars=True,
                ),
                Series(
                    name="evicted",
                    style="second",
                    values=sums(self._gather(rows, lambda row: row.blocks_evicted)),
                ),
            ],
            notes="Sums of each column; evicted: cached content that made room for another.",
        )

    def preemptions(self) -> Plot:
        """Draw how many requests were preempted and resumed."""
        rows = self._session.rows("requests")
        out = [row for row in rows if row.event == "preempted"]
        back = [row for row in rows if row.event == "resumed"]
        return Plot(
            name="preemptions",
            title="Preempted and resumed requests",
            unit="requests",
            columns=self._columns,
            series=[
                Series(
                    name="preempted",
                    style="second",
                    values=sums(self._gather(out, lambda _: 1)),
                    bars=True,
                ),
                Series(name="resumed", style="first", values=sums(self._gather(back, lambda _: 1))),
            ],
            notes="Sums of each column.",
            least=3,
        )

    def _by_phase(self, name: str, title: str, figures: Iterable[Figure], notes: str) -> Plot:
        """Draw least, median and greatest of each column, a colour for each phase."""
        phases: dict[str, list[Figure]] = {}
        for figure in figures:
            phases.setdefault(figure[0].phase, []).append(figure)
        series = [
            Series(
                name=phase,
                style=phase,
                values=spans(
                    self._columns.gather(
                        phases[phase],
                        lambda figure: self._session.seconds(figure[0].time_ns),
                        lambda figure: figure[1] / NS_IN_MS,
                    )
                ),
            )
            for phase in PHASES
            if phase in phases
        ]
        return Plot(
            name=name,
            title=title,
            unit="ms",
            columns=self._columns,
            series=series,
            notes=f"{notes} Dashes are medians, lines go from least to greatest.",
        )

    def _gather(self, rows: Iterable[Any], value: Callable[[Any], float]) -> list[list[float]]:
        return self._columns.gather(rows, lambda row: self._session.seconds(row.time_ns), value)
