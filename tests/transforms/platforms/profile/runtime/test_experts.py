"""Experts are counted in steps, of layers whose rows are the step's own, and read now and then.

The counting itself is done by torch: `tests/engine/test_experts_counting.py` holds it against
Python's own.
"""

from __future__ import annotations

import gc
import sys
import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tests.transforms.platforms.profile.runtime.layers import (
    SECOND,
    Experts,
    Layer,
    Mask,
    Strange,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def experts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Experts:
    """Give the module, on a CPU."""
    return Experts(tmp_path, monkeypatch)


def test_only_the_rows_of_a_step_are_counted(experts: Experts) -> None:
    layer = Layer()
    experts.select(layer)
    experts.step(0, 3, layer)
    experts.select(layer)
    experts.step(1, 20, layer)
    assert experts.counters(layer).added == [3, 8]
    assert not experts.said


def test_a_layer_that_is_first_seen_in_a_step_counts_from_it_on(experts: Experts) -> None:
    early, late = Layer(), Layer()
    experts.step(0, 3, early)
    experts.step(1, 5, early, late)
    since = experts.counters(late).given["since"]
    assert (since.step, since.tokens) == (0, 3)


def test_weights_are_sampled_in_one_step_of_many(experts: Experts) -> None:
    layer = Layer()
    for step in range(21):
        experts.step(step, 3, layer)
    counters = experts.counters(layer)
    assert counters.sampled == [3, 3, 3]
    assert [asked for asked in counters.asked if asked[2]] == [
        (0, True, 3),
        (10, True, 3),
        (20, True, 3),
    ]


def test_counters_are_read_every_half_second_and_when_there_is_nothing_to_do(
    experts: Experts,
) -> None:
    layer = Layer()
    experts.step(1, 3, layer)
    for step in range(2, 8):
        experts.now += SECOND // 5
        experts.step(step, 3, layer)
    experts.step(8, 0)
    assert [step for step, _, _ in experts.counters(layer).asked] == [1, 4, 7, 8]


def test_large_tables_of_pairs_are_read_once_a_minute(
    experts: Experts, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer = Layer()
    monkeypatch.setattr(experts.module, "SMALL", 399)
    for step in range(125):
        experts.now += SECOND
        experts.step(step, 3, layer)
    assert [step for step, pairs, _ in experts.counters(layer).asked if pairs] == [0, 61, 122]
    experts.package.device.finish()
    assert experts.counters(layer).asked[-1] == (124, True, 0)


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("model.layers.7.mlp.experts", 7),
        ("language_model.model.layers.12.block_sparse_moe.experts", 12),
        ("layers.0", 0),
        ("experts2.mlp", 1),
        ("mlp", 1),
    ],
)
def test_a_layer_has_the_number_in_its_name(experts: Experts, name: str, index: int) -> None:
    layers = Layer("model.layers.40.mlp"), Layer(name)
    experts.step(0, 3, *layers)
    assert experts.counters(layers[1]).given["index"] == index


@pytest.mark.parametrize(
    ("layer", "reason"),
    [
        (Layer(is_sequence_parallel=True), "sequence parallelism"),
        (Layer(pcp_size=2), "context-parallel"),
        (Layer(dp_size=2), "data-parallel"),
        (Strange(), "does not say"),
    ],
)
def test_rows_that_are_not_the_step_s_own_are_not_counted(
    experts: Experts, layer: object, reason: str
) -> None:
    for step in range(3):
        experts.step(step, 3, layer)
    assert experts.module._layers == {}
    (said,) = experts.said
    assert reason in said


def test_chunks_are_not_counted(experts: Experts) -> None:
    layer = Layer()
    layer.use_dp_chunking = True  # type: ignore[attr-defined]
    experts.step(0, 3, layer)
    assert len(experts.said) == 1


def test_kernels_that_share_out_rows_themselves_leave_the_step_s_own(experts: Experts) -> None:
    layer = Layer(dp_size=2)
    layer.quant_method = SimpleNamespace(supports_internal_mk=True)  # type: ignore[attr-defined]
    experts.step(0, 3, layer)
    assert experts.counters(layer).added == [3]


def test_a_layer_that_is_gone_leaves_no_counters(experts: Experts) -> None:
    gone, stays = Layer(), Layer()
    experts.step(0, 3, gone, stays)
    counters = experts.counters(gone)
    counters.owner = lambda: None
    del gone
    gc.collect()
    new = Layer()
    experts.step(1, 3, stays, new)
    assert counters not in experts.module._layers.values()
    assert set(experts.module._layers) == {id(stays), id(new)}


def test_an_idle_engine_s_counters_are_written_once(experts: Experts) -> None:
    layer = Layer()
    experts.step(3, 5, layer)
    for _ in range(2):
        thread = threading.Thread(target=experts.recording.flush)
        thread.start()
        thread.join()
    assert experts.counters(layer).recorded == [
        ("counts", 3, 5),
        ("pairs",),
        ("pairs are written",),
        ("pairs are written",),
    ]


def test_counters_are_not_read_while_a_step_is_on(experts: Experts) -> None:
    layer = Layer()
    experts.step(0, 5, layer)
    experts.module.begin_step(2)
    experts.recording.flush()
    assert experts.counters(layer).recorded == [("pairs are written",)]


def test_what_was_read_while_a_step_began_is_not_recorded(experts: Experts) -> None:
    layer = Layer()
    experts.step(0, 5, layer)
    counters = experts.counters(layer)
    counters.on_read = lambda: experts.step(1, 2, layer)
    experts.recording.flush()
    assert counters.recorded == [("pairs are written",)]
    counters.on_read = lambda: None
    experts.recording.flush()
    assert counters.recorded[1:3] == [("counts", 1, 7), ("pairs",)]


@pytest.fixture
def masks(experts: Experts) -> list[Mask]:
    """Give the masks that are made on a device."""
    torch: Any = sys.modules["torch"]
    made: list[Mask] = []

    class Mode:
        def __init__(self, *, mode: bool) -> None:
            assert not mode

        def __enter__(self) -> None: ...

        def __exit__(self, *_: object) -> None: ...

    def full(shape: tuple[int, int], value: int, **_: object) -> Mask:
        assert value == -1
        made.append(Mask(shape[0]))
        return made[-1]

    torch.full, torch.inference_mode = full, Mode
    assert not experts.module._masks
    return made


def test_on_a_device_padding_is_masked_in_memory_that_stays(
    experts: Experts, masks: list[Mask]
) -> None:
    layer = Layer()
    experts.select(layer, 16, "cuda")
    assert [len(mask.rows) for mask in masks] == [8192]
    assert set(masks[0].rows) == {-1}
    experts.module.begin_step(3)
    assert masks[0].rows[:4] == [0, 0, 0, -1]
    experts.select(layer, 10_000, "cuda")
    assert masks[1].rows[:4] == [0, 0, 0, -1]
    experts.module.end_step()
    assert [set(mask.rows) for mask in masks] == [{-1}, {-1}]
    experts.module.begin_step(2)
    assert [mask.rows[:3] for mask in masks] == [[0, 0, -1]] * 2
    assert len(experts.counters(layer).added) == 2
    assert not experts.said


def test_nothing_new_is_made_in_a_capture(
    experts: Experts, masks: list[Mask], monkeypatch: pytest.MonkeyPatch
) -> None:
    known, new = Layer(), Layer()
    experts.select(known, 16, "cuda")
    monkeypatch.setattr(experts.package.device, "capturing", lambda: True)
    experts.select(known, 16, "cuda")
    assert experts.counters(known).sampled == [16]
    experts.select(known, 9000, "cuda")
    experts.select(new, 16, "cuda")
    assert len(masks) == 1
    assert list(experts.module._layers) == [id(known)]
    assert len(experts.counters(known).added) == 2
    assert len(experts.said) == 2


def test_micro_batches_are_not_counted(
    experts: Experts, masks: list[Mask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        sys.modules, "vllm.v1.worker.ubatching", SimpleNamespace(dbo_enabled=lambda: True)
    )
    layer = Layer()
    experts.select(layer, 16, "cuda")
    assert experts.counters(layer).added == []
    assert experts.said == ["experts: micro-batches (DBO) are not counted"]
    assert not masks


def test_a_device_s_counters_are_left_to_the_engine_s_thread(
    experts: Experts, masks: list[Mask]
) -> None:
    layer = Layer()
    experts.select(layer, 16, "cuda")
    experts.step(0, 3)
    experts.recording.flush()
    assert ("pairs",) not in experts.counters(layer).recorded
    assert masks


def test_trouble_does_not_reach_the_engine(experts: Experts, masks: list[Mask]) -> None:
    layer = Layer()
    experts.select(layer, 16, "cuda")
    masks[0].fill_ = None  # type: ignore[assignment, method-assign]
    experts.step(0, 3)
    experts.module.selected(layer, None, None)
    assert experts.said == [
        "experts: a step could not begin",
        "experts: a step could not end",
        "experts.selected",
    ]


def test_a_fork_leaves_the_counts_to_its_parent(experts: Experts) -> None:
    experts.step(0, 3, Layer())
    experts.module._forget()
    assert experts.module._layers == {}
