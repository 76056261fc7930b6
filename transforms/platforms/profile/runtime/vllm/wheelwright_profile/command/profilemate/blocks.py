# SPDX-License-Identifier: Apache-2.0
"""ProfileMate's files about the KV cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..figures import NS_IN_S, share
from .csv_file import Cell, CsvFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..session import Session


def _usage(session: Session) -> Iterator[tuple[Cell, ...]]:
    """Give one row for each step of each EngineCore, as the block pool is after `schedule()`.

    `usage_pct` is `num_blocks` (in use) in percent of `total_blocks` (that can be used).
    """
    for row in session.rows("steps"):
        usage = share(row.blocks_used, row.blocks_total)
        yield (session.seconds(row.time_ns), usage, row.blocks_used, row.blocks_total)


def _evictions(session: Session) -> Iterator[tuple[Cell, ...]]:
    """Give one row for each cached block that made room for another.

    `lifetime_sec` is since the block was allocated, `idle_sec` since it was last used.
    """
    for row in session.rows("evictions"):
        lived, idle = row.lifetime_ns / NS_IN_S, row.idle_ns / NS_IN_S
        yield (session.seconds(row.time_ns), lived, idle)


FILES = (
    CsvFile(
        name="kv_cache_usage.csv",
        columns="timestamp_sec,usage_pct,num_blocks,total_blocks",
        tables=("steps",),
        rows=_usage,
    ),
    CsvFile(
        name="kv_cache_evictions.csv",
        columns="timestamp_sec,lifetime_sec,idle_sec",
        tables=("evictions",),
        rows=_evictions,
    ),
)
