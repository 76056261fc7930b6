# SPDX-License-Identifier: Apache-2.0
"""What a summary says of the load: batches against their limits, KV blocks, preemptions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..figures import NS_IN_MS, NS_IN_S, distribution, share
from ..lives import lives

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..session import Session

Document = dict[str, Any]
# Of the requests that were preempted most often, so many are named.
_NAMED = 10


def batches(session: Session) -> Document | None:
    """Say how full the steps were that scheduled something, in percent of the limits."""
    rows = session.rows("steps")
    if not rows:
        return None
    busy = [row for row in rows if row.scheduled_tokens]
    return {
        "steps": len(rows),
        "idle_steps": len(rows) - len(busy),
        "max_running": max(row.max_running for row in rows),
        "max_tokens": max(row.max_tokens for row in rows),
        "requests": _document(row.scheduled_requests for row in busy),
        "tokens": _document(row.scheduled_tokens for row in busy),
        "waiting": _document(row.waiting for row in rows),
        "request_utilization_pct": _shares(
            (row.scheduled_requests, row.max_running) for row in busy
        ),
        "token_utilization_pct": _shares((row.scheduled_tokens, row.max_tokens) for row in busy),
    }


def kv_cache(session: Session) -> Document | None:
    """Say how full the KV cache was after each step, and what went in and out of it."""
    rows = session.rows("steps")
    if not rows:
        return None
    gone = session.rows("evictions")
    return {
        "blocks_total": max(row.blocks_total for row in rows),
        "blocks_used": _document(row.blocks_used for row in rows),
        "usage_pct": _shares((row.blocks_used, row.blocks_total) for row in rows),
        "blocks_allocated": sum(row.blocks_allocated for row in rows),
        "blocks_freed": sum(row.blocks_freed for row in rows),
        "blocks_evicted": sum(row.blocks_evicted for row in rows),
        "lifetime_sec": _document(row.lifetime_ns / NS_IN_S for row in gone),
        "idle_sec": _document(row.idle_ns / NS_IN_S for row in gone),
    }


def preemptions(session: Session) -> Document | None:
    """Say how many requests were preempted, how often, and how long they were out."""
    found = lives(session)
    if not found:
        return None
    hit = sorted(
        (life for life in found if life.preemptions),
        key=lambda life: (-life.preemptions, -life.delay_ns, life.request),
    )
    return {
        "requests": len(found),
        "finished": sum(life.finished_ns is not None for life in found),
        "preempted_requests": len(hit),
        "preemptions": sum(life.preemptions for life in hit),
        "out_now": sum(life.out_since_ns is not None for life in hit),
        "delay_ms": _document(life.delay_ns / NS_IN_MS for life in hit),
        "most_preempted": [
            {
                "request": life.request,
                "preemptions": life.preemptions,
                "delay_ms": life.delay_ns / NS_IN_MS,
            }
            for life in hit[:_NAMED]
        ],
    }


def _shares(pairs: Iterable[tuple[int, int]]) -> Document | None:
    shares = (share(part, whole) for part, whole in pairs)
    return _document(value for value in shares if value is not None)


def _document(values: Iterable[float]) -> Document | None:
    found = distribution(values)
    return found.document() if found else None
