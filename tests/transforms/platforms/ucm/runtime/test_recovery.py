"""Requests whose blocks failed to load are computed again from their last valid block."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tests.transforms.platforms.ucm.loaded import load

if TYPE_CHECKING:
    from types import ModuleType

BLOCK = 16


@pytest.fixture
def recovery(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module: ModuleType = load(monkeypatch).recovery
    return module


class Manager:
    """What is used of a `KVCacheManager`."""

    def __init__(self, **blocks: list[int]) -> None:
        self.blocks, self.cached, self.freed = blocks, dict[str, int](), list[str]()
        self.groups = 1

    def get_block_ids(self, name: str) -> tuple[list[int], ...]:
        """Give a request's blocks, for each group."""
        return (self.blocks[name],) * self.groups

    def cache_blocks(self, request: SimpleNamespace, tokens: int) -> None:
        """Note how much of a request is cached."""
        self.cached[request.request_id] = tokens

    def free(self, request: SimpleNamespace) -> None:
        """Note a request that is freed."""
        self.freed.append(request.request_id)


def request(name: str, *, computed: int, cached: int = 0, loading: bool = False) -> SimpleNamespace:
    status = SimpleNamespace(name="WAITING_FOR_REMOTE_KVS" if loading else "RUNNING")
    return SimpleNamespace(
        request_id=name, num_computed_tokens=computed, num_cached_tokens=cached, status=status
    )


def scheduler(
    manager: Manager, *, running: tuple[Any, ...] = (), waiting: tuple[Any, ...] = ()
) -> SimpleNamespace:
    return SimpleNamespace(
        kv_cache_manager=manager,
        block_size=BLOCK,
        running=list(running),
        waiting=list(waiting),
        failed_recving_kv_req_ids=set(),
    )


@pytest.mark.parametrize(
    ("invalid", "computed"), [({10}, 0), ({11}, 16), ({12, 11}, 16), ({12}, 32)]
)
def test_a_running_request_goes_back_to_its_first_invalid_block(
    recovery: ModuleType, invalid: set[int], computed: int
) -> None:
    one = request("a", computed=60, cached=48)
    other = request("b", computed=60, cached=48)
    engine = scheduler(Manager(a=[10, 11, 12, 13], b=[20, 21, 22, 23]), running=(one, other))
    assert recovery.handle_invalid_blocks(engine, invalid) == {"a"}
    assert one.num_computed_tokens == computed
    assert other.num_computed_tokens == 60
    assert engine.failed_recving_kv_req_ids == set()


def test_blocks_that_nobody_loaded_are_not_looked_at(recovery: ModuleType) -> None:
    one = request("a", computed=60, cached=48)
    fresh = request("b", computed=60, cached=-1)
    engine = scheduler(Manager(a=[10, 11, 12, 13], b=[13]), running=(one, fresh))
    assert recovery.handle_invalid_blocks(engine, {13}) == set()
    assert one.num_computed_tokens == fresh.num_computed_tokens == 60


def test_of_requests_that_share_a_block_the_first_computes_it(recovery: ModuleType) -> None:
    first, second = request("a", computed=60, cached=32), request("b", computed=70, cached=32)
    engine = scheduler(Manager(a=[10, 11, 12], b=[10, 11, 22]), running=(first, second))
    assert recovery.handle_invalid_blocks(engine, {11}) == {"a", "b"}
    assert first.num_computed_tokens == 16
    # Its loaded tokens hold once the first has computed the block; what this step gave it does not.
    assert second.num_computed_tokens == 32


def test_a_request_with_a_bad_block_of_its_own_goes_back_to_that(recovery: ModuleType) -> None:
    first, second = request("a", computed=60, cached=48), request("b", computed=70, cached=48)
    engine = scheduler(Manager(a=[10, 11, 12], b=[10, 21, 22]), running=(first, second))
    recovery.handle_invalid_blocks(engine, {10, 22})
    assert (first.num_computed_tokens, second.num_computed_tokens) == (0, 32)


def test_a_request_that_still_loads_is_remembered(recovery: ModuleType) -> None:
    one = request("a", computed=0, loading=True)
    other = request("b", computed=0)
    engine = scheduler(Manager(a=[10, 11, 12], b=[]), waiting=(other, one))
    assert recovery.handle_invalid_blocks(engine, {12}) == set()
    assert engine.failed_recving_kv_req_ids == {"a"}
    assert one.num_computed_tokens == 32
    # A later report goes on from there: what is behind has failed already.
    recovery.handle_invalid_blocks(engine, {12, 11})
    assert one.num_computed_tokens == 16


@pytest.mark.parametrize(("computed", "cached", "freed"), [(32, {"a": 32}, []), (0, {}, ["a"])])
def test_what_was_loaded_is_kept_when_the_connector_is_done(
    recovery: ModuleType, computed: int, cached: dict[str, int], freed: list[str]
) -> None:
    manager = Manager(a=[10, 11, 12])
    engine = scheduler(manager)
    engine.failed_recving_kv_req_ids.add("a")
    recovery.retry(engine, request("a", computed=computed, loading=True))
    assert (manager.cached, manager.freed) == (cached, freed)
    assert engine.failed_recving_kv_req_ids == set()


def test_more_than_one_group_of_caches_is_refused_with_the_reason(recovery: ModuleType) -> None:
    manager = Manager(a=[10])
    manager.groups = 2
    engine = scheduler(manager, running=(request("a", computed=16, cached=16),))
    with pytest.raises(RuntimeError, match="more than one group of KV caches"):
        recovery.handle_invalid_blocks(engine, {10})


def test_a_block_that_is_missing_on_one_rank_is_missing(recovery: ModuleType) -> None:
    outputs = [SimpleNamespace(invalid_block_ids=ids) for ids in ({1}, None, {2, 1}, set())]
    assert recovery.reported([*outputs, None]) == {1, 2}


def test_tokens_that_async_scheduling_has_promised_count(recovery: ModuleType) -> None:
    requests = [
        SimpleNamespace(num_output_tokens=3),
        SimpleNamespace(num_output_tokens=3, num_output_placeholders=2),
    ]
    assert recovery.output_counts(iter(requests)) == [3, 5]


def test_a_worker_throws_away_what_the_scheduler_did(recovery: ModuleType) -> None:
    batch = SimpleNamespace(
        req_id_to_index={"a": 0}, num_prompt_tokens=[9], num_tokens=[12], num_tokens_no_spec=[12]
    )
    runner = SimpleNamespace(input_batch=batch)
    state = SimpleNamespace(req_id="a", output_token_ids=[1, 2, 3])
    recovery.align(runner, state, 3)
    assert (state.output_token_ids, batch.num_tokens) == ([1, 2, 3], [12])
    recovery.align(runner, state, 2)
    assert state.output_token_ids == [1, 2]
    assert (batch.num_tokens, batch.num_tokens_no_spec) == ([11], [11])
    gone = SimpleNamespace(req_id="gone", output_token_ids=[1, 2, 3])
    recovery.align(runner, gone, 0)
    assert gone.output_token_ids == []


def test_ucms_connector_forgets_what_it_planned(recovery: ModuleType) -> None:
    inner = SimpleNamespace(requests_meta={"a": 1, "b": 2})
    recovery.forget(SimpleNamespace(connector=inner), {"a", "c"})
    assert inner.requests_meta == {"b": 2}
    recovery.forget(inner, {"b"})
    assert inner.requests_meta == {}
    recovery.forget(None, {"b"})
    recovery.forget(SimpleNamespace(), {"b"})
