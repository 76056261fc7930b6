"""Blocks are counted as they leave the free queue and return, in each way that a release has."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given

from tests.transforms.platforms.excerpts import patched, status_on
from tests.transforms.platforms.profile.block_pools import BLOCKS, EVERY, OPERATIONS, Engine
from tests.transforms.platforms.profile.loaded import load
from tests.transforms.platforms.profile.recorded import Recorded, compiled
from transforms.engine.outcome import Status
from transforms.platforms.profile.block_pool import PATCH

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

MODULE = "vllm.v1.core.block_pool"
MANAGERS = "vllm.v1.core.single_type_kv_cache_manager"
POOL = """
import logging


class BlockPool:
    def get_new_blocks(self, num_blocks):
        ret: list[KVCacheBlock] = self.free_block_queue.popleft_n(num_blocks)
        for block in ret:
            self._maybe_evict_cached_block(block)
            block.ref_cnt += 1
        return ret

    def _maybe_evict_cached_block(self, block):
        block_hash = block.block_hash
        if block_hash is None:
            return False
        block.block_hash = None
        return True

    def touch(self, blocks):
        for block in blocks:
            if block.ref_cnt == 0 and not block.is_null:
                self.free_block_queue.remove(block)
            block.ref_cnt += 1
"""
POOL_AFTER = """
import logging

from vllm import wheelwright_profile


class BlockPool:
    def get_new_blocks(self, num_blocks):
        ret: list[KVCacheBlock] = self.free_block_queue.popleft_n(num_blocks)
        for block in ret:
            self._maybe_evict_cached_block(block)
            block.ref_cnt += 1
        if wheelwright_profile.on:
            wheelwright_profile.blocks.allocated(self, ret)
        return ret

    def _maybe_evict_cached_block(self, block):
        block_hash = block.block_hash
        if block_hash is None:
            return False
        block.block_hash = None
        if wheelwright_profile.on:
            wheelwright_profile.blocks.evicted(self, block)
        return True

    def touch(self, blocks):
        for block in blocks:
            if block.ref_cnt == 0 and not block.is_null:
                if wheelwright_profile.on:
                    wheelwright_profile.blocks.reused(self)
                self.free_block_queue.remove(block)
            block.ref_cnt += 1
"""
# How blocks return, by the release that it begins with; `{}` is where the patch goes.
FREE = {
    "0.14.1": """
    def free_blocks(self, ordered_blocks):
        blocks_list = list(ordered_blocks)
        for block in blocks_list:
            block.ref_cnt -= 1
{}        self.free_block_queue.append_n(
            [block for block in blocks_list if block.ref_cnt == 0 and not block.is_null]
        )
""",
    "0.23.0": """
    def free_blocks(self, ordered_blocks, prepend=False):
        blocks_list = list(ordered_blocks)
        for block in blocks_list:
            block.ref_cnt -= 1
        freed_blocks = [
            block for block in blocks_list if block.ref_cnt == 0 and not block.is_null
        ]
{}        if prepend:
            self.free_block_queue.prepend_n(freed_blocks)
        else:
            self.free_block_queue.append_n(freed_blocks)
""",
    "0.24.0": """
    def free_blocks(self, ordered_blocks):
        blocks_with_hash = []
        blocks_without_hash = []
        for block in ordered_blocks:
            block.ref_cnt -= 1
            if block.ref_cnt == 0 and not block.is_null:
                if block.block_hash is None:
                    blocks_without_hash.append(block)
                else:
                    blocks_with_hash.append(block)
{}        self.free_block_queue.prepend_n(blocks_without_hash)
        self.free_block_queue.append_n(blocks_with_hash)
""",
    "0.28.0": """
    def free_blocks(self, ordered_blocks):
        blocks_to_evict_last = []
        blocks_to_evict_first = []
        for block in ordered_blocks:
            block.ref_cnt -= 1
            if block.ref_cnt == 0 and not block.is_null:
                if block.block_hash is None:
                    blocks_to_evict_first.append(block)
                else:
                    blocks_to_evict_last.append(block)
{}        self.free_block_queue.prepend_n(blocks_to_evict_first)
        self.free_block_queue.append_n(blocks_to_evict_last)
""",
}
FREED = {
    "0.14.1": ["wheelwright_profile.blocks.freed(self, blocks_list)"],
    "0.23.0": ["wheelwright_profile.blocks.freed(self, freed_blocks)"],
    "0.24.0": ["wheelwright_profile.blocks.freed(self, blocks_without_hash, blocks_with_hash)"],
    "0.28.0": [
        "wheelwright_profile.blocks.freed(",
        "    self, blocks_to_evict_first, blocks_to_evict_last",
        ")",
    ],
}
UNPIN = """
    def unpin_blocks(self, blocks, on_reuse):
        released: list[KVCacheBlock] = []
        for block in blocks:
            block.ref_cnt -= 1
            if block.ref_cnt == 0:
                released.append(block)
{}        self.free_block_queue.append_n(released)
"""
SHAPES = {**{release: (release, "") for release in FREE}, "0.33.0": ("0.28.0", UNPIN)}
SINKS = """
import logging


class SinkFullAttentionManager:
    def __init__(self, num_sink_block):
        self.sink_blocks = self.block_pool.free_block_queue.popleft_n(num_sink_block)
"""
# What the excerpts have from elsewhere.
REST = """

class Queue(list):
    @property
    def num_free_blocks(self):
        return len(self)

    def popleft_n(self, count):
        taken, self[:] = self[:count], self[count:]
        return taken

    def prepend_n(self, blocks):
        self[:0] = blocks

    def append_n(self, blocks):
        self.extend(blocks)


class Block:
    def __init__(self, block_id):
        self.block_id, self.ref_cnt, self.block_hash = block_id, 0, None
        self.is_null = block_id == 0


class Pool(BlockPool):
    def __init__(self, num_gpu_blocks, enable_caching=True):
        self.num_gpu_blocks, self.enable_caching = num_gpu_blocks, enable_caching
        self.blocks = [Block(at) for at in range(num_gpu_blocks)]
        self.free_block_queue = Queue(self.blocks)
        (self.null_block,) = self.free_block_queue.popleft_n(1)

    def evict_blocks(self, block_ids):
        for block_id in block_ids:
            self._maybe_evict_cached_block(self.blocks[block_id])

    def reset_prefix_cache(self):
        if self.num_gpu_blocks - self.get_num_free_blocks() != 1:
            return False
        for block in self.blocks:
            block.block_hash = None
        return True

    def get_num_free_blocks(self):
        return self.free_block_queue.num_free_blocks
"""


def _guarded(*lines: str) -> str:
    margin = " " * 8
    return "".join(
        f"{margin}{line}\n"
        for line in ("if wheelwright_profile.on:", *(f"    {line}" for line in lines))
    )


def _before(release: str) -> str:
    free, unpin = SHAPES[release]
    return POOL + FREE[free].format("") + unpin.format("")


@pytest.mark.parametrize("release", SHAPES)
def test_each_way_into_the_free_queue_and_out_of_it_is_noted(release: str) -> None:
    free, unpin = SHAPES[release]
    freed = _guarded(*FREED[free])
    released = _guarded("wheelwright_profile.blocks.freed(self, released)")
    after = POOL_AFTER + FREE[free].format(freed) + unpin.format(released)
    assert patched(PATCH, release, MODULE, _before(release)) == dedent(after)


def test_releases_before_are_left_alone() -> None:
    assert status_on(PATCH, "0.14.0") is Status.EXCLUDED


def _cache(_: Any, block: Any) -> None:  # noqa: ANN401
    block.block_hash = f"content {block.block_id}"


@pytest.mark.parametrize("release", SHAPES)
def test_allocated_less_freed_is_what_is_used(
    release: str, recorder: Callable[[], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = Recorded(recorder(), monkeypatch)
    module = compiled([PATCH], release, MODULE, _before(release) + REST, recorded.package)

    @given(OPERATIONS)
    @example(EVERY)
    def behaves(operations: list[tuple[str, int, int]]) -> None:
        recorded.clear()
        engine = Engine(module.Pool(BLOCKS), _cache, recorded)
        for operation in operations:
            engine.do(*operation)

    behaves()
    names = ("allocated", "reused", "freed", "evicted")
    assert set(recorded.points) == {f"block_pool.{name}" for name in names}


def test_attention_sinks_are_in_use(
    recorder: Callable[[], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = Recorded(recorder(), monkeypatch)
    blocks = recorded.package.blocks
    pools = compiled([PATCH], "0.14.1", MODULE, _before("0.14.1") + REST, recorded.package)
    managers = compiled([PATCH], "0.14.1", MANAGERS, SINKS, recorded.package)

    class Manager(managers.SinkFullAttentionManager):  # type: ignore[misc, name-defined]
        block_pool = pools.Pool(BLOCKS)

    Manager(2)
    assert blocks.figures(Manager.block_pool, 0) == (2, BLOCKS - 1, 2, 0, 0)


def test_off_it_does_nothing() -> None:
    package = load()
    pool = compiled([PATCH], "0.33.0", MODULE, _before("0.33.0") + REST, package).Pool(BLOCKS)
    (block,) = pool.get_new_blocks(1)
    pool.free_blocks([block])
    pool.touch([block])
    pool.unpin_blocks([block], None)
    assert not hasattr(pool, "profile_ledger")
    assert pool.get_num_free_blocks() == BLOCKS - 1
