# SPDX-License-Identifier: Apache-2.0
"""What becomes of the KV cache's blocks: points of `BlockPool`, in EngineCore.

A block that leaves the pool's free queue is allocated, whether it is handed out new or found again
in the prefix cache; one that goes back is freed. So at any time, with what is summed since the
start,

    allocated - freed == blocks used == num_gpu_blocks - 1 - get_num_free_blocks()

(one block is the null block, which is never in use). A block that many requests share counts once.
Each row of `steps` has what was counted since the row before: the sums up to a row give its
`blocks_used`.

A block is evicted when its cached content is forgotten to make room. Its lifetime is the time since
it was last handed out new, its idle time that since it was last freed. vLLM's own
`--kv-cache-metrics` has sampled histograms of such times; these are events that join the step that
wanted the room. A step gives at most `EVICTION_ROWS` rows of `evictions`, its first ones;
`steps.blocks_evicted` counts all.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Protocol

from . import recording

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

EVICTION_ROWS = 256


class Block(Protocol):
    """What is used of a `KVCacheBlock`."""

    block_id: int
    ref_cnt: int
    is_null: bool


class Pool(Protocol):
    """What is used of a `BlockPool`, and the ledger that is kept on it."""

    num_gpu_blocks: int
    enable_caching: bool
    profile_ledger: Ledger

    def get_num_free_blocks(self) -> int:
        """Give the length of the free queue."""


class Ledger:
    """What happened to one pool's blocks since the last row, and when to each block.

    Args:
        blocks: how many blocks can be evicted, which is when their times matter; 0 for none.
    """

    __slots__ = ("allocated", "allocated_at", "evicted", "evictions", "freed", "freed_at")

    def __init__(self, blocks: int) -> None:
        self.allocated = 0
        self.freed = 0
        self.evicted = 0
        self.evictions: list[tuple[int, int, int, int]] = []
        self.allocated_at = array("q", bytes(8 * blocks))
        self.freed_at = array("q", bytes(8 * blocks))


@recording.point("block_pool.allocated")
def allocated(pool: Pool, blocks: Sequence[Block]) -> None:
    """Note blocks that the pool has handed out new: the end of `get_new_blocks`."""
    ledger = _ledger(pool)
    ledger.allocated += len(blocks)
    times = ledger.allocated_at
    if times:
        now = recording.clock()
        for block in blocks:
            times[block.block_id] = now


@recording.point("block_pool.reused")
def reused(pool: Pool) -> None:
    """Note a cached block that is taken out of the free queue again: `touch`."""
    _ledger(pool).allocated += 1


@recording.point("block_pool.freed")
def freed(pool: Pool, *released: Iterable[Block]) -> None:
    """Note blocks that return to the free queue; those of them that are still in use do not."""
    ledger = _ledger(pool)
    free = [
        block.block_id
        for blocks in released
        for block in blocks
        if block.ref_cnt == 0 and not block.is_null
    ]
    ledger.freed += len(free)
    times = ledger.freed_at
    if times:
        now = recording.clock()
        for index in free:
            times[index] = now


@recording.point("block_pool.evicted")
def evicted(pool: Pool, block: Block) -> None:
    """Note a block whose cached content was forgotten: `_maybe_evict_cached_block`."""
    ledger = _ledger(pool)
    ledger.evicted += 1
    if len(ledger.evictions) < EVICTION_ROWS:
        now = recording.clock()
        index = block.block_id
        lifetime = now - ledger.allocated_at[index]
        # One that is in use is evicted where a connector says that its content is not good.
        idle = 0 if block.ref_cnt else now - ledger.freed_at[index]
        ledger.evictions.append((recording.now(), index, lifetime, idle))


def figures(pool: Pool, step: int) -> tuple[int, int, int, int, int]:
    """Give a step's figures, record its evictions, and begin to count for the next one.

    Other pools (those of an offloading connector) are never asked: theirs stay out of the tables.

    Args:
        pool: the scheduler's own.
        step: the step that what was counted belongs to.

    Returns:
        The blocks in use, how many there can be, and what was allocated, freed and evicted since
        the last call.
    """
    ledger = _ledger(pool)
    for time_ns, block, lifetime, idle in ledger.evictions:
        recording.record("evictions", (time_ns, step, block, lifetime, idle))
    counts = ledger.allocated, ledger.freed, ledger.evicted
    ledger.allocated = ledger.freed = ledger.evicted = 0
    ledger.evictions.clear()
    total = pool.num_gpu_blocks - 1
    return total - pool.get_num_free_blocks(), total, *counts


def _ledger(pool: Pool) -> Ledger:
    """Give the pool's ledger; the first time, open it."""
    try:
        return pool.profile_ledger
    except AttributeError:
        pool.profile_ledger = Ledger(pool.num_gpu_blocks if pool.enable_caching else 0)
        return pool.profile_ledger
