"""A sparse request gets its blocks from UCM, any other from vLLM."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.transforms.platforms.excerpts import patched, run
from tests.transforms.platforms.ucm_sparse.loaded import off, switched_on, without_imports
from transforms.platforms.ucm_sparse.kv_cache_manager import PATCH

MODULE = "vllm.v1.core.kv_cache_manager"
BEFORE = """
from typing import Optional


class KVCacheManager:
    def allocate_slots(self, request, num_new_tokens: int, delay_cache_blocks: bool = False):
        if num_new_tokens == 0:
            raise ValueError("num_new_tokens must be greater than 0")

        if new_computed_blocks is not None:
            new_computed_block_list = new_computed_blocks.blocks
        else:
            new_computed_block_list = self.empty
        return new_computed_block_list
"""
RELEASES = ["0.9.2", "0.11.0", "0.11.1", "0.33.0"]


def _manager(release: str, package: object) -> SimpleNamespace:
    text = without_imports(patched(PATCH, release, MODULE, BEFORE))
    module = run(text, wheelwright_ucm_sparse=package, new_computed_blocks=None)
    manager = module.KVCacheManager()
    manager.empty = "blocks of vLLM"
    return SimpleNamespace(manager=manager, allocate=manager.allocate_slots)


@pytest.mark.parametrize("release", RELEASES)
def test_a_sparse_request_gets_its_blocks_from_ucm(
    release: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = switched_on(monkeypatch)
    agent = loaded.start("scheduler")
    made = _manager(release, loaded.package)
    assert made.allocate("request", 1, num_slots_sparsed=5) == "5 slots of UCM"
    assert agent.calls == [("allocate", made.manager, "request", 5)]


@pytest.mark.parametrize("release", RELEASES)
def test_callers_that_know_nothing_of_slots_get_vllms(
    release: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # UCM's own patch takes the default for a sparse request.
    loaded = switched_on(monkeypatch)
    agent = loaded.start("scheduler")
    made = _manager(release, loaded.package)
    assert made.allocate("request", 1) == "blocks of vLLM"
    assert made.allocate("request", 1, num_slots_sparsed=None) == "blocks of vLLM"
    assert not agent.calls


@pytest.mark.parametrize("release", RELEASES)
def test_where_it_is_off_all_get_vllms(release: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _manager(release, off(monkeypatch)).allocate("request", 1) == "blocks of vLLM"


@pytest.mark.parametrize("release", RELEASES)
def test_a_request_without_tokens_is_still_an_error(
    release: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ValueError, match="greater than 0"):
        _manager(release, off(monkeypatch)).allocate("request", 0)


def test_python_3_9_can_load_old_releases() -> None:
    assert "num_slots_sparsed: Optional[int]" in patched(PATCH, "0.11.0", MODULE, BEFORE)
