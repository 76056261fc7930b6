"""Experts are counted in steps, of layers whose rows are the step's own, and read now and then.

The counting itself is done by torch: `tests/engine/test_experts_counting.py` holds it against
Python's own.
"""

from __future__ import annotations

import gc
import sys
import threading
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.transforms.platforms.profile.loaded import load, switched_on

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SECOND = 1_000_000_000


@dataclass(frozen=True)
class Ids:
    """A tensor of ids, of which only the rows matter."""

    rows: int
    kind: str = "cpu"
    dtype: str = "int32"

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.rows, 2

    @property
    def device(self) -> SimpleNamespace:
        """Where it is."""
        return SimpleNamespace(type=self.kind)

    def __getitem__(self, rows: slice) -> Ids:
        """Give the first rows."""
        return Ids(len(range(self.rows)[rows]), self.kind)

    def __or__(self, mask: object) -> Masked:
        """Mask it."""
        return Masked(self.rows, mask)


class Masked(NamedTuple):
    """Ids behind a mask."""

    rows: int
    mask: object


class Layer:
    """What the recorder knows of one of vLLM's layers."""

    def __init__(self, name: str = "model.layers.0.mlp.experts", **config: object) -> None:
        self.layer_name = name
        self.moe_config = SimpleNamespace(num_experts=4, experts_per_token=2, **config)


class Strange:
    """A layer that says nothing of itself."""


class Counters:
    """In place of a layer's counters: what they are asked to do."""

    def __init__(self, owner: object, **given: Any) -> None:  # noqa: ANN401 - of many types
        self.owner: Callable[[], object | None] = lambda: owner
        self.given = given
        self.on_device = given["like"].device.type != "cpu"
        self.width = given["experts"] + 16
        self.added: list[object] = []
        self.sampled: list[object] = []
        self.asked: list[tuple[int, bool, int]] = []
        self.recorded: list[tuple[object, ...]] = []
        self.on_read: Callable[[], None] = lambda: None

    def add(self, ids: Ids | Masked) -> None:
        """Note it."""
        self.added.append(ids.rows if isinstance(ids, Ids) else ids)

    def sample(self, weights: Ids, ids: Ids) -> None:
        """Note it."""
        assert weights.rows == ids.rows
        self.sampled.append(ids.rows)

    def ask(self, now: Any, *, pairs: bool, samples: int) -> None:  # noqa: ANN401 - a moment
        """Note it."""
        self.asked.append((now.step, pairs, samples))

    def read(self) -> tuple[str, str]:
        """Give what it has counted."""
        self.on_read()
        return "counts", "pairs"

    def record(self, counts: str, now: Any) -> None:  # noqa: ANN401 - a moment
        """Note it."""
        self.recorded.append((counts, now.step, now.tokens))

    def take_pairs(self, pairs: str, _: object) -> None:
        """Note it."""
        self.recorded.append((pairs,))

    def record_pairs(self) -> None:
        """Note it."""
        self.recorded.append(("pairs are written",))


class Experts:
    """The module under test, and what it says and asks for.

    Attributes:
        module: `wheelwright_profile.experts`.
        now: the time on the host's clock.
        said: what was said on the log.
    """

    def __init__(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        torch = SimpleNamespace(int32="int32", int64="int64", uint32="uint32")
        platforms = SimpleNamespace(current_platform=SimpleNamespace(device_type="cpu"))
        monkeypatch.setitem(sys.modules, "torch", torch)
        monkeypatch.setitem(sys.modules, "vllm.platforms", platforms)
        self.package = load(switched_on(tmp_path, log_interval="10"))
        self.module = self.package.experts
        self.recording = self.package.recording
        self.now = 100 * SECOND
        self.said: list[str] = []
        monkeypatch.setattr(self.recording, "clock", lambda: self.now)
        monkeypatch.setattr(self.recording, "trouble", lambda what, *_: self.said.append(what))
        monkeypatch.setattr(self.module, "Counters", Counters)

    def select(self, layer: object, rows: int = 8, kind: str = "cpu") -> None:
        """Pass the point."""
        self.module.selected(layer, Ids(rows, kind), Ids(rows, kind))

    def counters(self, layer: object) -> Counters:
        """Give the counters of a layer."""
        found: Counters = self.module._layers[id(layer)]
        return found

    def step(self, number: int, tokens: int, *layers: object) -> None:
        """Do a step."""
        self.recording.step = number
        self.module.begin_step(tokens)
        for layer in layers:
            self.select(layer)
        self.module.end_step()


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


class Mask:
    """A mask on a device: which rows are padding."""

    def __init__(self, rows: int) -> None:
        self.rows = [-1] * rows
        self.shape = rows, 1

    def __getitem__(self, rows: slice) -> Mask:
        """Give the first rows, in the same memory."""
        part = Mask(0)
        part.rows, part.stop = self.rows, rows.stop
        return part

    stop: int | None = None

    def fill_(self, value: int) -> Mask:
        """Set all of it."""
        end = len(self.rows) if self.stop is None else self.stop
        self.rows[:end] = [value] * end
        return self


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
