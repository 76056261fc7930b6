"""Figures of the KV cache's blocks, and the times of those that are evicted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from tests.transforms.platforms.profile.recorded import Recorded


@dataclass
class Block:
    """A block like upstream's."""

    block_id: int
    ref_cnt: int = 0
    is_null: bool = False


class Pool:
    """A pool like upstream's, of which it does not matter what is free."""

    def __init__(self, num_gpu_blocks: int = 1000, *, enable_caching: bool = True) -> None:
        self.num_gpu_blocks = num_gpu_blocks
        self.enable_caching = enable_caching

    def get_num_free_blocks(self) -> int:
        """Give all but the null block."""
        return self.num_gpu_blocks - 1


def test_a_block_lived_since_it_was_handed_out_and_was_idle_since_it_was_freed(
    recorded: Recorded, clock: list[int]
) -> None:
    blocks, pool, block = recorded.package.blocks, Pool(), Block(5)
    clock[0] = 100
    blocks.allocated(pool, [block, Block(6)])
    clock[0] = 130
    blocks.freed(pool, [block])
    clock[0] = 150
    blocks.reused(pool)  # found in the prefix cache: its content lives on
    clock[0] = 160
    blocks.freed(pool, [block])
    clock[0] = 400
    blocks.evicted(pool, block)
    assert blocks.figures(pool, 7)[2:] == (3, 2, 1)
    (row,) = recorded.rows("evictions")
    assert row == {
        "time_ns": 10**18 + 400,
        "step": 7,
        "block": 5,
        "lifetime_ns": 300,
        "idle_ns": 240,
    }


def test_a_block_handed_out_anew_begins_a_new_life(recorded: Recorded, clock: list[int]) -> None:
    blocks, pool, block = recorded.package.blocks, Pool(), Block(5)
    for clock[0] in (100, 200):
        blocks.allocated(pool, [block])
    blocks.freed(pool, [block])
    clock[0] = 230
    blocks.evicted(pool, block)
    blocks.figures(pool, 0)
    (row,) = recorded.rows("evictions")
    assert row["lifetime_ns"] == row["idle_ns"] == 30


def test_what_is_evicted_while_it_is_in_use_was_not_idle(
    recorded: Recorded, clock: list[int]
) -> None:
    blocks, pool = recorded.package.blocks, Pool()
    block = Block(5, ref_cnt=1)
    clock[0] = 100
    blocks.allocated(pool, [block])
    clock[0] = 120
    blocks.evicted(pool, block)
    blocks.figures(pool, 0)
    (row,) = recorded.rows("evictions")
    assert (row["lifetime_ns"], row["idle_ns"]) == (20, 0)


def test_a_step_records_its_first_evictions_and_counts_all(recorded: Recorded) -> None:
    blocks, pool = recorded.package.blocks, Pool()
    limit = blocks.EVICTION_ROWS
    for index in range(1, limit + 4):
        blocks.evicted(pool, Block(index))
    assert blocks.figures(pool, 0)[-1] == limit + 3
    assert [row["block"] for row in recorded.rows("evictions")] == list(range(1, limit + 1))
    blocks.evicted(pool, Block(900))
    assert blocks.figures(pool, 1)[-1] == 1
    assert [row["block"] for row in recorded.rows("evictions")][-1] == 900


def test_what_was_counted_is_counted_once(recorded: Recorded) -> None:
    blocks, pool = recorded.package.blocks, Pool()
    blocks.allocated(pool, [Block(1), Block(2)])
    assert blocks.figures(pool, 0) == (0, 999, 2, 0, 0)
    assert blocks.figures(pool, 1) == (0, 999, 0, 0, 0)


def test_blocks_in_use_and_the_null_block_are_not_freed(recorded: Recorded) -> None:
    blocks, pool = recorded.package.blocks, Pool()
    released = [Block(1), Block(2, ref_cnt=1), Block(0, is_null=True)]
    blocks.freed(pool, released, [Block(3)])
    assert blocks.figures(pool, 0)[3] == 2


def test_each_pool_has_figures_of_its_own(recorded: Recorded) -> None:
    blocks = recorded.package.blocks
    mine, other = Pool(), Pool()
    blocks.allocated(other, [Block(1)])
    blocks.evicted(other, Block(1))
    assert blocks.figures(mine, 0)[2:] == (0, 0, 0)
    assert recorded.rows("evictions") == []


def test_a_pool_that_never_evicts_keeps_no_times(recorded: Recorded) -> None:
    blocks, pool = recorded.package.blocks, Pool(enable_caching=False)
    blocks.allocated(pool, [Block(1)])
    blocks.freed(pool, [Block(1)])
    assert blocks.figures(pool, 0)[2:] == (1, 1, 0)
    ledger: Any = pool.profile_ledger  # type: ignore[attr-defined]
    assert not ledger.allocated_at
    assert not ledger.freed_at


@pytest.mark.parametrize("point", ["allocated", "freed", "evicted", "reused"])
def test_a_pool_that_is_otherwise_is_said_and_not_raised(
    point: str, recorder: Callable[[], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    package = recorder()
    said: list[str] = []
    monkeypatch.setattr(package.recording, "trouble", lambda what, _: said.append(what))
    more: dict[str, list[object]] = {"reused": [], "evicted": [Block(1)]}
    getattr(package.blocks, point)(object(), *more.get(point, [[Block(1)]]))
    assert said == [f"block_pool.{point}"]
