"""What is recorded of upstream's own block pools, used at random, is what they say themselves."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given

from build_hooks.pipeline import Plan, make_plan
from build_hooks.settings import read_settings
from tests.transforms.platforms.profile.block_pools import BLOCKS, EVERY, OPERATIONS, Engine
from tests.transforms.platforms.profile.conftest import recorder
from tests.transforms.platforms.profile.recorded import Recorded, run_in_vllm
from tests.transforms.trees import MemoryTree
from tests.wheels.real import real_environment
from transforms.engine.apply import apply_sites
from transforms.engine.match import match_patches
from transforms.engine.outcome import Status
from transforms.platforms.profile.block_pool import PATCH

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType, SimpleNamespace

pytestmark = pytest.mark.upstream

# One of each way in which blocks return to the free queue.
RELEASES = ("0.14.1", "0.22.1", "0.23.0", "0.24.0", "0.28.0", "0.30.0", "0.32.0", "0.33.0")
POOL = "vllm/v1/core/block_pool.py"
QUEUE = "vllm/v1/core/kv_cache_utils.py"
MANAGERS = "vllm/v1/core/single_type_kv_cache_manager.py"

# What the pool needs of modules that need torch.
STUBS = """
from __future__ import annotations
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NewType

logger = logging.getLogger("pool")
MEDIUM_GPU = "GPU"
def get_block_hash(value): return value
def get_group_id(value): return 0
def maybe_convert_block_hash(value): return value
"""

__all__ = ["recorder"]


@pytest.fixture(scope="module", params=RELEASES)
def plan(request: pytest.FixtureRequest) -> Plan:
    settings = {"platform": "musa", "vllm": request.param}
    return make_plan(read_settings(settings, real_environment()))


def _patched(plan: Plan) -> str:
    tree = MemoryTree.of({path: plan.artifact.read(path) for path in (POOL, MANAGERS)})
    (outcome,) = match_patches({"profile/block_pool": PATCH}, tree, plan.origin.release)
    assert outcome.status is Status.APPLIED, outcome.problems
    (file,) = [file for file in apply_sites([outcome], tree) if file.path == POOL]
    return file.after.decode()


def _definitions(text: str, *names: str) -> str:
    """Cut classes out of a module."""
    body = ast.parse(text).body
    kept = [item for item in body if isinstance(item, ast.ClassDef) and item.name in names]
    return "\n\n".join(ast.unparse(item) for item in kept)


def _pools(plan: Plan, package: ModuleType) -> SimpleNamespace:
    queue = plan.artifact.read(QUEUE).decode()
    parts = [
        STUBS,
        "from vllm import wheelwright_profile",
        _definitions(queue, "KVCacheBlock", "FreeKVCacheBlockQueue"),
        _definitions(_patched(plan), "BlockHashToBlockMap", "BlockPool"),
    ]
    return run_in_vllm("\n\n".join(parts), package, __name__=__name__)


def _cache(pool: Any, block: Any) -> None:  # noqa: ANN401
    """Give a block content as `cache_full_blocks` does, whose hashes need requests."""
    value = f"content {block.block_id}"
    if hasattr(pool, "_insert_block_hash"):
        pool._insert_block_hash(value, block, num_tokens=1)
    else:
        block.block_hash = value
        pool.cached_block_hash_to_block.insert(value, block)


@pytest.mark.parametrize("caching", [True, False])
def test_allocated_less_freed_is_what_the_pool_says(
    plan: Plan,
    recorder: Callable[[], ModuleType],
    monkeypatch: pytest.MonkeyPatch,
    caching: bool,  # noqa: FBT001
) -> None:
    recorded = Recorded(recorder(), monkeypatch)
    pools = _pools(plan, recorded.package)

    @given(OPERATIONS)
    @example(EVERY)
    def behaves(operations: list[tuple[str, int, int]]) -> None:
        recorded.clear()
        engine = Engine(pools.BlockPool(BLOCKS, caching, 16), _cache, recorded)
        for operation in operations:
            if caching or operation[0] not in {"cache", "touch", "evict"}:
                engine.do(*operation)

    behaves()
    assert ("block_pool.evicted" in recorded.points) is caching
    assert ("block_pool.reused" in recorded.points) is caching
