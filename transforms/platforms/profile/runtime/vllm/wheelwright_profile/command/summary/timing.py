# SPDX-License-Identifier: Apache-2.0
"""What a summary says of time: steps, forward passes, operations, encoders; all in milliseconds."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from ..figures import NS_IN_MS, NS_IN_S, distribution
from ..forward import forward_ns, joined_steps

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..session import Session

Document = dict[str, Any]
# The order in which phases are shown.
PHASES = ("prefill", "mixed", "decode", "idle")


def steps(session: Session) -> Document | None:
    """Say for each phase what `schedule()` took, and what the whole step took.

    A step is from the start of `schedule()` to the end of its last worker's forward pass; it has
    no figure where no worker's row joins it.
    """
    rows = session.rows("steps")
    if not rows:
        return None
    schedule, whole = defaultdict(list), defaultdict(list)
    for row in rows:
        schedule[row.phase].append(row.duration_ns / NS_IN_MS)
    joined = joined_steps(session)
    for one in joined:
        whole[one.step.phase].append(one.duration_ns / NS_IN_MS)
    return {
        "steps": len(rows),
        "joined_to_forward": len(joined),
        "scheduled_tokens": sum(row.scheduled_tokens for row in rows),
        "prefill_tokens": sum(row.prefill_tokens for row in rows),
        "decode_tokens": sum(row.decode_tokens for row in rows),
        "schedule_ms": by_phase(schedule),
        "step_ms": by_phase(whole),
    }


def forward(session: Session) -> Document | None:
    """Say for each phase what a forward pass took, of all workers and of each rank.

    `device_timed` of the `passes` have the device's time; the others have the host's.
    """
    rows = session.rows("forward")
    if not rows:
        return None
    phases, ranks = defaultdict(list), defaultdict(list)
    for row in rows:
        took = forward_ns(row) / NS_IN_MS
        phases[row.phase].append(took)
        ranks[row.rank].append(took)
    tokens, took_ns = sum(row.tokens for row in rows), sum(forward_ns(row) for row in rows)
    return {
        "passes": len(rows),
        "device_timed": sum(row.device_ns is not None for row in rows),
        "tokens": tokens,
        "padded_tokens": sum(row.padded_tokens for row in rows),
        "throughput_tokens_per_sec": tokens * NS_IN_S / took_ns if took_ns else None,
        "forward_ms": by_phase(phases),
        "forward_ms_by_rank": {str(rank): _document(ranks[rank]) for rank in sorted(ranks)},
    }


def operations(session: Session) -> Document | None:
    """Say of each operation how often it ran and what it took, the most costly first.

    Times are inclusive: an operation within another counts in both.
    """
    return _named(session.rows("operations"), "operation")


def encoder(session: Session) -> Document | None:
    """Say what encoders took, and the decoders behind them."""
    return _named(session.rows("encoder"), "component")


def _named(rows: Iterable[Any], column: str) -> Document | None:
    found: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        found[getattr(row, column)].append(row.duration_ns / NS_IN_MS)
    if not found:
        return None
    names = sorted(found, key=lambda name: (-sum(found[name]), name))
    return {"duration_ms": {name: _document(found[name]) for name in names}}


def by_phase(values: dict[str, list[float]]) -> Document:
    """Give the distribution of each phase, in the order of `PHASES`, unknown ones last."""
    known = [phase for phase in PHASES if phase in values]
    return {phase: _document(values[phase]) for phase in [*known, *sorted({*values} - {*known})]}


def _document(values: Iterable[float]) -> Document | None:
    found = distribution(values)
    return found.document() if found else None
