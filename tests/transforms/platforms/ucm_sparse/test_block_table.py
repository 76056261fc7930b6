"""A row of the block tables can be emptied; it then grows from its beginning."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.transforms.platforms.excerpts import patched, run
from transforms.platforms.ucm_sparse.block_table import PATCH

MODULE = "vllm.v1.worker.block_table"
BEFORE = """
class BlockTable:
    def __init__(self):
        self.num_blocks_per_row = [0, 0]
        {buffer}

    def append_row(self, block_ids, row_idx):
        start = self.num_blocks_per_row[row_idx]
        self.num_blocks_per_row[row_idx] += len(block_ids)
        {rows}[row_idx][start : start + len(block_ids)] = block_ids

    def add_row(self, block_ids, row_idx):
        self.num_blocks_per_row[row_idx] = 0
        self.append_row(block_ids, row_idx)


class MultiGroupBlockTable:
    def __init__(self):
        self.block_tables = [BlockTable(), BlockTable()]

    def append_row(self, block_ids, row_idx):
        for i, block_table in enumerate(self.block_tables):
            block_table.append_row(block_ids[i], row_idx)

    def add_row(self, block_ids, row_idx):
        for i, block_table in enumerate(self.block_tables):
            block_table.add_row(block_ids[i], row_idx)
"""
# Where the rows are: an array of its own, or one of a buffer for the host and the device.
LAYOUTS = {
    "0.9.2": ("self.block_table_np = rows()", "self.block_table_np"),
    "0.10.2": ("self.block_table_np = rows()", "self.block_table_np"),
    "0.11.0": ("self.block_table = buffer()", "self.block_table.np"),
    "0.33.0": ("self.block_table = buffer()", "self.block_table.np"),
}


class Row(list[int]):
    """A row of an array: it has `fill`."""

    def fill(self, value: int) -> None:
        """Set all of it."""
        self[:] = [value] * len(self)


def rows() -> list[Row]:
    """Give two rows of four blocks."""
    return [Row([0] * 4), Row([0] * 4)]


class Buffer:
    """What holds the rows on the host."""

    def __init__(self) -> None:
        """Hold two rows."""
        self.np = rows()


@pytest.mark.parametrize("release", LAYOUTS)
def test_a_row_begins_anew_in_all_tables(release: str) -> None:
    buffer, where = LAYOUTS[release]
    text = patched(PATCH, release, MODULE, BEFORE.format(buffer=buffer, rows=where))
    table = run(text, rows=rows, buffer=Buffer).MultiGroupBlockTable()
    for row in (0, 1):
        table.append_row(([1, 2, 3], [4, 5, 6]), row)
    table.reset_row(0)
    table.append_row(([7], [8]), 0)

    def held(group: Any) -> list[list[int]]:
        found = group.block_table.np if hasattr(group, "block_table") else group.block_table_np
        return [list(row) for row in found]

    first, second = table.block_tables
    assert held(first) == [[7, 0, 0, 0], [1, 2, 3, 0]]
    assert held(second) == [[8, 0, 0, 0], [4, 5, 6, 0]]
    assert first.num_blocks_per_row == [1, 3]


@pytest.mark.parametrize("release", LAYOUTS)
def test_nothing_else_is_changed(release: str) -> None:
    buffer, where = LAYOUTS[release]
    before = BEFORE.format(buffer=buffer, rows=where)
    after = patched(PATCH, release, MODULE, before).splitlines()
    removed = Counter(before.splitlines()) - Counter(after)
    assert not removed
