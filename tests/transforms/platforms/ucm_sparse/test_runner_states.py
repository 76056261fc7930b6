"""The worker hears of each step; a sparse request's blocks take the place of those it had."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tests.transforms.platforms.excerpts import patched, run
from tests.transforms.platforms.ucm_sparse.loaded import off, switched_on, without_imports
from transforms.platforms.ucm_sparse.runner_states import PATCH

if TYPE_CHECKING:
    from tests.transforms.platforms.ucm_sparse.loaded import Loaded

MODULE = "vllm.v1.worker.gpu_model_runner"
BEFORE = """
import time


class GPUModelRunner:
    def _update_states(self, scheduler_output):
        for req_id in scheduler_output.finished_req_ids:
            self.requests.pop(req_id, None)
        for req_id in scheduler_output.finished_req_ids:
            self.input_batch.remove_request(req_id)
        req_data = scheduler_output.scheduled_cached_reqs
        for i, req_id in enumerate(req_data.req_ids):
            req_state = self.requests[req_id]
            new_block_ids = req_data.new_block_ids[i]
            resumed_from_preemption = req_data.resumed_from_preemption[i]
            req_index = self.input_batch.req_id_to_index[req_id]
            if not resumed_from_preemption:
                for block_ids, new_ids in zip(req_state.block_ids, new_block_ids):
                    block_ids.extend(new_ids)
            else:
                assert req_index is None
                req_state.block_ids = new_block_ids
            self.input_batch.block_table.append_row(new_block_ids, req_index)
"""
RELEASES = ["0.9.2", "0.11.0", "0.18.0", "0.33.0"]


class Runner:
    """A model runner with two running requests, `a` and `b`, and one that ends, `z`."""

    def __init__(self, release: str, package: object) -> None:
        """Compile the patched method."""
        text = without_imports(patched(PATCH, release, MODULE, BEFORE))
        self.update = run(text, wheelwright_ucm_sparse=package).GPUModelRunner._update_states
        self.log: list[Any] = []
        self.requests = {name: SimpleNamespace(block_ids=([1],)) for name in "abz"}
        note = self.log.append
        self.input_batch = SimpleNamespace(
            req_id_to_index={"a": 0, "b": 1},
            remove_request=lambda name: note(("remove", name)),
            block_table=SimpleNamespace(
                append_row=lambda blocks, row: note(("append", row, blocks)),
                reset_row=lambda row: note(("reset", row)),
            ),
        )

    def step(self, slots: dict[str, int] | None) -> SimpleNamespace:
        """Run a step in which both get block 2."""
        output = SimpleNamespace(
            finished_req_ids={"z"},
            req_sparsed_slots=slots,
            scheduled_cached_reqs=SimpleNamespace(
                req_ids=["a", "b"],
                new_block_ids=[([2],), ([2],)],
                resumed_from_preemption=[False, False],
            ),
        )
        self.update(self, output)
        return output

    def blocks(self) -> dict[str, list[int]]:
        """Give the blocks that each request has."""
        return {name: state.block_ids[0] for name, state in self.requests.items()}


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> Loaded:
    """Give the package, switched on."""
    return switched_on(monkeypatch)


@pytest.mark.parametrize("release", RELEASES)
def test_a_sparse_requests_blocks_are_replaced(release: str, loaded: Loaded) -> None:
    runner = Runner(release, loaded.package)
    agent = loaded.start()
    agent.calls = runner.log
    output = runner.step({"a": 5, "b": -1})
    assert runner.blocks() == {"a": [2], "b": [1, 2]}
    assert runner.log == [
        ("update_states", output),
        ("finished_in_worker", "z"),
        ("remove", "z"),
        ("reset", 0),
        ("append", 0, ([2],)),
        ("append", 1, ([2],)),
    ]


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("slots", [None, {}, {"a": -1, "b": -1}])
def test_where_no_request_is_sparse_blocks_are_added(
    release: str, slots: dict[str, int] | None, loaded: Loaded
) -> None:
    runner = Runner(release, loaded.package)
    assert loaded.start(sparse=False) is None
    runner.step(slots)
    assert runner.blocks() == {"a": [1, 2], "b": [1, 2]}


@pytest.mark.parametrize("release", RELEASES)
def test_nothing_is_asked_where_it_is_off(release: str, monkeypatch: pytest.MonkeyPatch) -> None:
    runner = Runner(release, off(monkeypatch))
    # Without the package's help not even the field is read.
    runner.step({"a": 5})
    assert runner.blocks() == {"a": [1, 2], "b": [1, 2]}
    assert [call[0] for call in runner.log] == ["remove", "append", "append"]
