"""Blocks that a request gives back are not entered into the prefix cache a second time."""

from __future__ import annotations

from textwrap import dedent
from types import SimpleNamespace

from tests.transforms.platforms.excerpts import patched, run, status_on
from transforms.engine.outcome import Status
from transforms.platforms.ucm.cached_blocks import PATCH

POOL = "vllm.v1.core.block_pool"
MANAGER = "vllm.v1.core.single_type_kv_cache_manager"
IN_POOL = """
class BlockPool:
    def cache_full_blocks(self, blocks, num_cached_blocks, num_full_blocks):
        if num_cached_blocks == num_full_blocks:
            return
        self.entered.append((num_cached_blocks, num_full_blocks))
"""
IN_POOL_AFTER = """
class BlockPool:
    def cache_full_blocks(self, blocks, num_cached_blocks, num_full_blocks):
        if num_cached_blocks >= num_full_blocks:
            return
        self.entered.append((num_cached_blocks, num_full_blocks))
"""
IN_MANAGER = """
class SingleTypeKVCacheManager:
    def cache_blocks(self, request, num_tokens):
        num_cached_blocks = self.num_cached_block[request.request_id]
        num_full_blocks = num_tokens // self.block_size

        self.block_pool.cache_full_blocks([], num_cached_blocks, num_full_blocks)

        self.num_cached_block[request.request_id] = num_full_blocks
"""
IN_MANAGER_AFTER = """
class SingleTypeKVCacheManager:
    def cache_blocks(self, request, num_tokens):
        num_cached_blocks = self.num_cached_block[request.request_id]
        num_full_blocks = num_tokens // self.block_size
        if num_cached_blocks >= num_full_blocks:
            return

        self.block_pool.cache_full_blocks([], num_cached_blocks, num_full_blocks)

        self.num_cached_block[request.request_id] = num_full_blocks
"""


def test_both_stop_where_there_is_nothing_new() -> None:
    for release in ("0.9.2", "0.11.0"):
        assert patched(PATCH, release, POOL, IN_POOL) == dedent(IN_POOL_AFTER)
        assert patched(PATCH, release, MANAGER, IN_MANAGER) == dedent(IN_MANAGER_AFTER)


def test_a_block_is_entered_once_however_often_a_request_goes_back() -> None:
    pool = run(patched(PATCH, "0.11.0", POOL, IN_POOL)).BlockPool()
    pool.entered = []
    manager = run(patched(PATCH, "0.11.0", MANAGER, IN_MANAGER)).SingleTypeKVCacheManager()
    manager.block_pool, manager.block_size, manager.num_cached_block = pool, 16, {"a": 0}
    for tokens in (64, 32, 48, 80):
        manager.cache_blocks(SimpleNamespace(request_id="a"), tokens)
    assert pool.entered == [(0, 4), (4, 5)]


def test_it_ends_where_upstream_has_it() -> None:
    assert status_on(PATCH, "0.11.1") is Status.EXCLUDED
