"""Use a block pool as engines do, at random, and hold what is recorded of it against a model."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.transforms.platforms.profile.recorded import Recorded

BLOCKS = 9
NULL = 0

# What is done, to how many blocks, and a number to choose them by.
OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(["allocate", "cache", "touch", "free", "evict", "unpin", "reset"]),
        st.integers(1, 4),
        st.integers(0, 999),
    ),
    max_size=60,
)
# Passes every point: two blocks are cached, given back, found again, and evicted.
EVERY = [
    ("allocate", 2, 0),
    ("cache", 2, 0),
    ("free", 2, 0),
    ("touch", 2, 0),
    ("unpin", 1, 0),
    ("free", 2, 0),
    ("allocate", 4, 0),
    ("allocate", 4, 0),
    ("free", 1, 0),
]


class Engine:
    """A pool, its patched points, and a model of what is in use and what is cached.

    Args:
        pool: upstream's pool, or one like it, of `BLOCKS` blocks.
        cache: gives a block of the pool some cached content.
        recorded: what the points record.
    """

    def __init__(self, pool: Any, cache: Callable[[Any, Any], None], recorded: Recorded) -> None:  # noqa: ANN401
        self.pool = pool
        self.uses: Counter[int] = Counter()
        self.cached: set[int] = set()
        self.evicted: list[int] = []
        self._fill = cache
        self._recorded = recorded
        self._totals = Counter[str]()
        self._steps = 0

    def do(self, operation: str, count: int, number: int) -> None:
        """Do one operation, and look whether what is recorded is what has happened."""
        getattr(self, f"_{operation}")(count, number)
        self.check()

    def check(self) -> None:
        """Compare a step's figures with the pool's own and with the model's."""
        before = len(self._recorded.rows("evictions"))
        figures = self._recorded.package.blocks.figures(self.pool, self._steps)
        used, total, allocated, freed, evicted = figures
        self._totals.update(allocated=allocated, freed=freed, evicted=evicted)
        rows = self._recorded.rows("evictions")[before:]
        assert total == BLOCKS - 1
        assert used == total - self.pool.get_num_free_blocks()
        assert used == sum(1 for uses in self.uses.values() if uses)
        assert self._totals["allocated"] - self._totals["freed"] == used
        assert self._totals["evicted"] == len(self.evicted)
        assert [row["block"] for row in rows] == self.evicted[len(self.evicted) - evicted :]
        assert {row["step"] for row in rows} <= {self._steps}
        assert all(row["lifetime_ns"] >= row["idle_ns"] >= 0 for row in rows)
        self._steps += 1

    def _allocate(self, count: int, _: int) -> None:
        blocks = self.pool.get_new_blocks(min(count, self.pool.get_num_free_blocks()))
        for block in blocks:
            self._forget(block.block_id)
            self.uses[block.block_id] += 1

    def _cache(self, count: int, number: int) -> None:
        for index in self._chosen(count, number, self.uses.elements()):
            if index not in self.cached:
                self._fill(self.pool, self.pool.blocks[index])
                self.cached.add(index)

    def _touch(self, count: int, number: int) -> None:
        # What is cached, in use or not, and sliding windows' null block.
        chosen = [*self._chosen(count, number, self.cached), NULL]
        self.pool.touch([self.pool.blocks[index] for index in chosen])
        self.uses.update(index for index in chosen if index != NULL)

    def _free(self, count: int, number: int) -> None:
        chosen = self._chosen(count, number, self.uses.elements())
        null = [self.pool.null_block] * (number % 2)
        self.pool.free_blocks(iter([self.pool.blocks[index] for index in chosen] + null))
        self.uses.subtract(chosen)

    def _unpin(self, count: int, number: int) -> None:
        if hasattr(self.pool, "unpin_blocks"):
            chosen = self._chosen(count, number, self.uses.elements())
            blocks = [self.pool.blocks[index] for index in chosen]
            self.pool.unpin_blocks(blocks, lambda _: None)
            self.uses.subtract(chosen)

    def _evict(self, count: int, number: int) -> None:
        chosen = set(self._chosen(count, number, range(1, BLOCKS)))
        for index in chosen:
            self._forget(index)
        self.pool.evict_blocks(chosen)

    def _reset(self, _: int, __: int) -> None:
        if self.pool.reset_prefix_cache():
            self.cached.clear()

    def _forget(self, index: int) -> None:
        if index in self.cached:
            self.cached.remove(index)
            self.evicted.append(index)

    def _chosen(self, count: int, number: int, among: Any) -> list[int]:  # noqa: ANN401
        """Choose different blocks."""
        every = sorted({index for index in among if index != NULL})
        shift = number % len(every) if every else 0
        return (every[shift:] + every[:shift])[:count]
