"""Several KV cache groups under context parallelism have block sizes on Ascend."""

from __future__ import annotations

import math
from textwrap import dedent
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from tests.transforms.platforms.excerpts import patched, run, status_on
from transforms.engine.outcome import Status
from transforms.platforms.ascend.hybrid_context_parallel import PATCH

if TYPE_CHECKING:
    from collections.abc import Callable

RELEASE = "0.23.0"
MODULE = "vllm.v1.core.kv_cache_utils"
BEFORE = """
def resolve_kv_cache_block_sizes(kv_cache_config, vllm_config):
    cache_config = vllm_config.cache_config
    dcp, pcp = vllm_config.context_parallel
    groups = kv_cache_config.kv_cache_groups

    if len(groups) <= 1:  # Single group
        bs = cache_config.block_size * dcp * pcp
        return bs, bs

    if dcp != 1 or pcp != 1:
        raise ValueError(
            "Hybrid KV cache groups with multiple block sizes do not "
            "support context parallelism (dcp_world_size/pcp_world_size > 1)."
        )

    return "upstream's"
"""
AFTER = BEFORE.replace(
    """    if dcp != 1 or""",
    """    from vllm.platforms import current_platform

    if (dcp != 1 or pcp != 1) and current_platform.device_type == "npu":
        group_block_sizes = [g.kv_cache_spec.block_size for g in groups]
        scheduler_block_size = math.lcm(*group_block_sizes) * dcp * pcp
        if not cache_config.enable_prefix_caching:
            return scheduler_block_size, scheduler_block_size
        return scheduler_block_size, math.gcd(*group_block_sizes)

    if dcp != 1 or""",
)


def _resolved(text: str, sizes: list[int], parallel: tuple[int, int], *, caching: bool) -> object:
    groups = [SimpleNamespace(kv_cache_spec=SimpleNamespace(block_size=size)) for size in sizes]
    cache = SimpleNamespace(block_size=sizes[0], enable_prefix_caching=caching)
    config = SimpleNamespace(cache_config=cache, context_parallel=parallel)
    names = vars(run(text, math=math))
    resolve = names.get("_patched", names["resolve_kv_cache_block_sizes"])
    return resolve(SimpleNamespace(kv_cache_groups=groups), config)


def test_ascend_is_served_before_the_refusal() -> None:
    assert patched(PATCH, RELEASE, MODULE, BEFORE) == dedent(AFTER)


@pytest.mark.parametrize("release", ["0.22.1", "0.26.0", "0.33.0"])
def test_releases_before_and_those_that_do_not_refuse_are_left_alone(release: str) -> None:
    assert status_on(PATCH, release) is Status.EXCLUDED


@pytest.mark.parametrize(
    ("parallel", "caching", "resolved"),
    [
        ((2, 1), True, (192, 32)),
        ((2, 2), True, (384, 32)),
        ((1, 2), False, (192, 192)),
        ((1, 1), True, "upstream's"),
    ],
)
def test_on_ascend_sizes_are_aligned_over_all_ranks(
    on: Callable[[str], None], parallel: tuple[int, int], resolved: object, *, caching: bool
) -> None:
    on("npu")
    text = patched(PATCH, RELEASE, MODULE, BEFORE)
    assert _resolved(text, [32, 96], parallel, caching=caching) == resolved


def test_other_devices_are_as_before(on: Callable[[str], None]) -> None:
    on("cuda")
    text = patched(PATCH, RELEASE, MODULE, BEFORE)
    with pytest.raises(ValueError, match="do not support context parallelism"):
        _resolved(text, [32, 96], (2, 1), caching=True)
    assert _resolved(text, [32, 96], (1, 1), caching=True) == "upstream's"
    assert _resolved(text, [32], (2, 2), caching=True) == (128, 128)


# As the plugin's own, which asks upstream's only where there is no context parallelism.
PLUGINS = """
def _patched(kv_cache_config, vllm_config):
    dcp, pcp = vllm_config.context_parallel
    groups = kv_cache_config.kv_cache_groups
    if len(groups) > 1 and (dcp != 1 or pcp != 1):
        size = math.lcm(*[group.kv_cache_spec.block_size for group in groups]) * dcp * pcp
        return size, "the plugin's"
    return resolve_kv_cache_block_sizes(kv_cache_config, vllm_config)
"""


@pytest.mark.parametrize(
    ("sizes", "parallel", "resolved"),
    [
        ([32, 96], (2, 1), (192, "the plugin's")),
        ([32, 96], (1, 1), "upstream's"),
        ([32], (2, 2), (128, 128)),
    ],
)
def test_a_plugin_that_replaces_it_as_well_multiplies_nothing_twice(
    on: Callable[[str], None], sizes: list[int], parallel: tuple[int, int], resolved: object
) -> None:
    on("npu")
    text = f"{patched(PATCH, RELEASE, MODULE, BEFORE)}\n{PLUGINS}"
    assert _resolved(text, sizes, parallel, caching=True) == resolved
