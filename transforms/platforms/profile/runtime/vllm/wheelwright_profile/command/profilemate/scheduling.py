# SPDX-License-Identifier: Apache-2.0
"""ProfileMate's files about batches, preemptions and the life of requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..figures import NS_IN_S, share
from ..lives import lives
from .csv_file import Cell, CsvFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..session import Session


def _batches(session: Session) -> Iterator[tuple[Cell, ...]]:
    """Give one row for each step of each EngineCore, against the limits of the scheduler.

    `num_seqs` are the requests that were given tokens, `max_num_seqs` is `max_num_seqs` of the
    engine, `max_tokens` its `max_num_batched_tokens`; the queues are as `schedule()` left them.
    """
    for row in session.rows("steps"):
        yield (
            session.seconds(row.time_ns),
            row.scheduled_requests,
            row.max_running,
            share(row.scheduled_requests, row.max_running),
            row.scheduled_tokens,
            row.max_tokens,
            share(row.scheduled_tokens, row.max_tokens),
            row.phase,
            row.running,
            row.waiting,
        )


def _preemptions(session: Session) -> Iterator[tuple[Cell, ...]]:
    """Give one row for each time that a request was preempted or resumed.

    `running_time_sec` is since it was last scheduled in; `extra_info` names the step, and the
    tokens of the prompt, computed and generated until then.
    """
    for row in session.rows("requests"):
        if row.event in {"preempted", "resumed"}:
            running = None if row.running_ns is None else row.running_ns / NS_IN_S
            extra = (
                f"step={row.step} prompt_tokens={row.prompt_tokens}"
                f" computed_tokens={row.computed_tokens} output_tokens={row.output_tokens}"
            )
            when = session.seconds(row.time_ns)
            yield (when, row.request, row.event, row.reason, running, extra)


def _lifecycle(session: Session) -> Iterator[tuple[Cell, ...]]:
    """Give one row for each request, in the order in which they came.

    `started_sec` is when it was first scheduled (vLLM's own metrics tell how long it waited for
    that); `preempted_sec` and `resumed_sec` are the first times, `finished_sec` the last; all in
    seconds since the session began. `total_time_sec` is from start to finish,
    `preemption_delay_sec` all the time between being preempted and being resumed. What did not
    happen is empty; `preemption_delay_sec` of a request that ran through is 0.
    """
    for life in lives(session):
        times = (life.scheduled_ns, life.preempted_ns, life.resumed_ns, life.finished_ns)
        seconds = [None if time is None else session.seconds(time) for time in times]
        total = None
        if life.scheduled_ns is not None and life.finished_ns is not None:
            total = (life.finished_ns - life.scheduled_ns) / NS_IN_S
        yield (life.request, *seconds, total, life.delay_ns / NS_IN_S)


FILES = (
    CsvFile(
        name="batch_utilization.csv",
        columns=(
            "timestamp_sec,num_seqs,max_num_seqs,seq_utilization_pct,num_tokens,max_tokens,"
            "token_utilization_pct,phase,running_queue_len,waiting_queue_len"
        ),
        tables=("steps",),
        rows=_batches,
    ),
    CsvFile(
        name="preemption_events.csv",
        columns="timestamp_sec,request_id,event,reason,running_time_sec,extra_info",
        tables=("requests",),
        rows=_preemptions,
    ),
    CsvFile(
        name="request_lifecycle.csv",
        columns=(
            "request_id,started_sec,preempted_sec,resumed_sec,finished_sec,total_time_sec,"
            "preemption_delay_sec"
        ),
        tables=("requests",),
        rows=_lifecycle,
    ),
)
