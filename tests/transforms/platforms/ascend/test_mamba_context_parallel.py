"""Mamba groups work under context parallelism on Ascend."""

from __future__ import annotations

from textwrap import dedent
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from tests.transforms.platforms.excerpts import patched, run, status_on
from transforms.engine.outcome import Status
from transforms.platforms.ascend.mamba_context_parallel import PATCH

if TYPE_CHECKING:
    from collections.abc import Callable

MODULE = "vllm.v1.core.single_type_kv_cache_manager"
BEFORE = """
class SingleTypeKVCacheManager:
    def __init__(self, kv_cache_spec, block_pool, dcp_world_size=1):
        self.block_size = kv_cache_spec.block_size * dcp_world_size


class MambaManager(SingleTypeKVCacheManager):
    def __init__(self, kv_cache_spec, block_pool, **kwargs):
        super().__init__(kv_cache_spec, block_pool, **kwargs)
        self.mamba_cache_mode = "align"

    @classmethod
    def find_longest_cache_hit(cls, dcp_world_size=1, pcp_world_size=1):
        assert dcp_world_size == 1, "DCP not support mamba now."
        assert pcp_world_size == 1, "PCP not support mamba now."
        return "a hit"
"""
LOOKUP_AFTER = """
    @classmethod
    def find_longest_cache_hit(cls, dcp_world_size=1, pcp_world_size=1):
        from vllm.platforms import current_platform

        if current_platform.device_type != "npu":
            assert dcp_world_size == 1, "DCP not support mamba now."
            assert pcp_world_size == 1, "PCP not support mamba now."
        return "a hit"
"""
AFTER = BEFORE.partition("    @classmethod")[0].replace(
    '        self.mamba_cache_mode = "align"',
    """        from vllm.platforms import current_platform

        if current_platform.device_type == "npu":
            self.block_size = kv_cache_spec.block_size
        self.mamba_cache_mode = "align\"""",
) + LOOKUP_AFTER.lstrip("\n")


def test_both_places_ask_for_ascend() -> None:
    assert patched(PATCH, "0.23.0", MODULE, BEFORE) == dedent(AFTER)


def test_from_0_26_on_upstream_takes_the_blocks_for_their_own_size() -> None:
    after = BEFORE.partition("    @classmethod")[0] + LOOKUP_AFTER.lstrip("\n")
    assert patched(PATCH, "0.26.0", MODULE, BEFORE) == dedent(after)


def test_releases_before_are_left_alone() -> None:
    assert status_on(PATCH, "0.22.1") is Status.EXCLUDED


def test_on_ascend_a_rank_holds_whole_states_and_prefixes_are_found(
    on: Callable[[str], None],
) -> None:
    on("npu")
    manager = run(patched(PATCH, "0.23.0", MODULE, BEFORE)).MambaManager
    made = manager(SimpleNamespace(block_size=64), None, dcp_world_size=4)
    assert made.block_size == 64
    assert manager.find_longest_cache_hit(dcp_world_size=4, pcp_world_size=2) == "a hit"


@pytest.mark.parametrize(("dcp", "pcp"), [(4, 1), (1, 2)])
def test_other_devices_are_as_before(on: Callable[[str], None], dcp: int, pcp: int) -> None:
    on("cuda")
    manager = run(patched(PATCH, "0.23.0", MODULE, BEFORE)).MambaManager
    made = manager(SimpleNamespace(block_size=64), None, dcp_world_size=4)
    assert made.block_size == 256
    assert manager.find_longest_cache_hit() == "a hit"
    with pytest.raises(AssertionError, match="not support mamba now"):
        manager.find_longest_cache_hit(dcp_world_size=dcp, pcp_world_size=pcp)


def test_a_plugin_that_puts_its_class_in_the_place_changes_nothing(
    on: Callable[[str], None],
) -> None:
    on("npu")
    plugins = """
class AscendMambaManager(MambaManager):
    def __init__(self, kv_cache_spec, block_pool, **kwargs):
        super().__init__(kv_cache_spec, block_pool, **kwargs)
        self.block_size = kv_cache_spec.block_size


MambaManager = AscendMambaManager
"""
    manager = run(f"{patched(PATCH, '0.23.0', MODULE, BEFORE)}\n{plugins}").MambaManager
    made = manager(SimpleNamespace(block_size=64), None, dcp_world_size=4)
    assert vars(made) == {"block_size": 64, "mamba_cache_mode": "align"}
