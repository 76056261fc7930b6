"""Slots and lengths of a sparse request follow from the slots that it keeps."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.transforms.platforms.excerpts import patched, run
from tests.transforms.platforms.ucm_sparse.loaded import off, switched_on, without_imports
from transforms.platforms.ucm_sparse.runner_inputs import PATCH

MODULE = "vllm.v1.worker.gpu_model_runner"
# What is prepared, and where the lengths are: in 0.9.2 all groups have their slots computed here.
OLDEST = """
import time


class GPUModelRunner:
    def _prepare_inputs(self, scheduler_output):
        for group_id, group in enumerate(self.kv_cache_config.kv_cache_groups):
            block_size = group.block_size
            self.numbers = positions_np // block_size
            self.offsets = positions_np % block_size
        self.query_start_loc_np[0] = 0
        self.seq_lens_np[:num_reqs] = lengths()
"""
HOST = """
import time


class GPUModelRunner:
    def _prepare_inputs(self, scheduler_output):
        self.input_batch.block_table.compute_slot_mapping(req_indices, positions_np)
        self.{lengths}[:num_reqs] = lengths()
        {discard}
"""
DISCARD = "self.mask = self.seq_lens.np[:num_reqs] < num_tokens_np"
DEVICE = """
import time


class GPUModelRunner:
    def _prepare_inputs(self, scheduler_output):
        self.discard_request_mask.copy_to_gpu(num_reqs)
        self.input_batch.block_table.compute_slot_mapping(
            num_reqs,
            self.query_start_loc.gpu[: num_reqs + 1],
            self.positions[:total_num_scheduled_tokens],
        )
"""
EXCERPTS = {
    "0.9.2": OLDEST,
    "0.10.0": HOST.format(lengths="seq_lens_np", discard="pass"),
    "0.10.2": HOST.format(lengths="seq_lens.np", discard="pass"),
    "0.11.0": HOST.format(lengths="seq_lens.np", discard=DISCARD),
    "0.18.1": HOST.format(lengths="seq_lens.np", discard=DISCARD),
    "0.19.0": DEVICE,
    "0.33.0": DEVICE,
}


class Array(list[int]):
    """As much of an array as the excerpts use."""

    def copy(self) -> Array:
        """Give another one."""
        return Array(self)

    def __getitem__(self, index: Any) -> Any:
        """Give an item, or an array of some."""
        found = super().__getitem__(index)
        return Array(found) if isinstance(index, slice) else found

    def __floordiv__(self, size: int) -> Array:
        """Divide each."""
        return Array(item // size for item in self)

    def __mod__(self, size: int) -> Array:
        """Give what is left of each."""
        return Array(item % size for item in self)

    def __add__(self, other: Any) -> Any:
        """Add item by item."""
        return Array(a + b for a, b in zip(self, other, strict=True))

    def __lt__(self, other: Any) -> Any:
        """Compare item by item."""
        return [a < b for a, b in zip(self, other, strict=True)]


def _prepared(release: str, package: object, slots: dict[str, int] | None) -> SimpleNamespace:
    """Prepare a step of `a` with one token after 20, and `b` with two after 6."""
    text = without_imports(patched(PATCH, release, MODULE, EXCERPTS[release]))
    found: dict[str, Any] = {}

    def compute_slot_mapping(*arguments: Any) -> None:
        found["positions"] = list(arguments[-1])

    positions, lengths = Array([20, 6, 7]), Array([21, 8])
    module = run(
        text,
        wheelwright_ucm_sparse=package,
        positions_np=positions,
        req_indices=None,
        num_reqs=2,
        cu_num_tokens=[1, 3],
        lengths=lengths.copy,
        num_scheduled_tokens=[1, 2],
        num_tokens_np=[21, 9],
        total_num_scheduled_tokens=3,
    )
    both = SimpleNamespace(np=lengths, gpu=Array([0, 1, 3]))
    runner = SimpleNamespace(
        input_batch=SimpleNamespace(
            req_id_to_index={"a": 0, "b": 1},
            block_table=SimpleNamespace(compute_slot_mapping=compute_slot_mapping),
            num_computed_tokens_cpu=Array([20, 6]),
        ),
        kv_cache_config=SimpleNamespace(kv_cache_groups=[SimpleNamespace(block_size=100)]),
        query_start_loc_np=[0],
        query_start_loc=both,
        seq_lens_np=lengths,
        seq_lens=lengths if release in {"0.19.0", "0.33.0"} else both,
        optimistic_seq_lens_cpu=lengths.copy(),
        discard_request_mask=SimpleNamespace(copy_to_gpu=lambda _: None),
        positions=positions,
    )
    module.GPUModelRunner._prepare_inputs(runner, SimpleNamespace(req_sparsed_slots=slots))
    offsets = list(getattr(runner, "offsets", found.get("positions", [])))
    assert positions == [20, 6, 7], "the model sees the tokens' own positions"
    return SimpleNamespace(
        slots=offsets,
        lengths=list(lengths),
        known=list(runner.optimistic_seq_lens_cpu),
        mask=getattr(runner, "mask", None),
    )


@pytest.mark.parametrize("release", EXCERPTS)
def test_a_sparse_request_has_the_last_of_its_slots(
    release: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared = _prepared(release, switched_on(monkeypatch).package, {"a": 5, "b": -1})
    assert prepared.slots == [4, 6, 7]
    assert prepared.lengths == [5, 8]


def test_several_tokens_of_a_sparse_request_have_slots_of_their_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # UCM places the first alone.
    prepared = _prepared("0.33.0", switched_on(monkeypatch).package, {"b": 5})
    assert prepared.slots == [20, 3, 4]


@pytest.mark.parametrize("release", ["0.11.0", "0.18.1"])
def test_a_sparse_requests_token_is_sampled_all_the_same(
    release: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It has fewer slots than tokens, which says of others that their prompt is not complete.
    prepared = _prepared(release, switched_on(monkeypatch).package, {"a": 5, "b": -1})
    assert prepared.mask == [False, True]


@pytest.mark.parametrize("release", ["0.19.0", "0.33.0"])
def test_the_hosts_copy_of_the_lengths_is_the_same(
    release: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared = _prepared(release, switched_on(monkeypatch).package, {"a": 5})
    assert prepared.known == prepared.lengths == [5, 8]


@pytest.mark.parametrize("release", EXCERPTS)
@pytest.mark.parametrize("slots", [None, {}, {"a": -1, "b": -1}])
def test_where_no_request_is_sparse_nothing_differs(
    release: str, slots: dict[str, int] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared = _prepared(release, switched_on(monkeypatch).package, slots)
    assert (prepared.slots, prepared.lengths) == ([20, 6, 7], [21, 8])


@pytest.mark.parametrize("release", EXCERPTS)
def test_nothing_differs_where_it_is_off(release: str, monkeypatch: pytest.MonkeyPatch) -> None:
    prepared = _prepared(release, off(monkeypatch), {"a": 5})
    assert (prepared.slots, prepared.lengths) == ([20, 6, 7], [21, 8])
