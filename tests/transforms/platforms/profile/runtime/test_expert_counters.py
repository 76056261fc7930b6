"""What a layer records is what it counted since its last row, whenever it is read.

Torch's part is held against Python's own counting by `tests/engine/test_experts_counting.py`.
"""

from __future__ import annotations

import sys
from contextlib import nullcontext
from itertools import accumulate
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.transforms.platforms.profile.loaded import load, switched_on
from tests.transforms.platforms.profile.recorded import Recorded

if TYPE_CHECKING:
    from pathlib import Path

EXPERTS = 3


class Owner:
    """One of vLLM's layers."""


def _made(owner: object, recorded: Recorded, experts: int = EXPERTS) -> tuple[Any, Any]:
    """Give a layer's counters, without torch, and the class of moments."""
    module: Any = sys.modules[f"{recorded.package.__name__}.expert_counters"]
    counters = module.Counters(
        owner,
        index=5,
        name="model.layers.5.experts",
        experts=experts,
        top_k=2,
        like=SimpleNamespace(device=SimpleNamespace(type="cpu"), shape=(8, 2)),
        since=module.Moment(0, 9, 40),
    )
    return counters, module.Moment


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recorded:
    """Give what is recorded, where torch only makes memory."""
    _pretend(monkeypatch)
    return Recorded(load(switched_on(tmp_path)), monkeypatch)


def _pretend(monkeypatch: pytest.MonkeyPatch) -> None:
    def memory(size: object, *_: object, **__: object) -> SimpleNamespace:
        return SimpleNamespace(shape=size)

    torch = SimpleNamespace(
        int64=...,
        float32=...,
        zeros=memory,
        ones=memory,
        full=memory,
        inference_mode=lambda *, mode: nullcontext(mode),
    )
    monkeypatch.setitem(sys.modules, "torch", torch)


def test_a_row_has_what_was_counted_since_the_last(recorded: Recorded) -> None:
    owner = Owner()
    counters, moment = _made(owner, recorded)
    counters.record([3, 1, 0, *[0] * 16], moment(1_000, 12, 42))
    counters.record([3, 1, 4, *[0] * 15, 77], moment(2_000, 13, 44))
    assert [tuple(row.values()) for row in recorded.rows("experts")] == [
        (1_000, 12, 10, 5, "model.layers.5.experts", 2, 2, [3, 1, 0]),
        (2_000, 13, 13, 5, "model.layers.5.experts", 2, 2, [0, 0, 4]),
    ]


def test_a_layer_that_did_not_run_has_no_row_and_none_of_the_tokens(recorded: Recorded) -> None:
    owner = Owner()
    counters, moment = _made(owner, recorded)
    counters.record([2, 0, 2, *[0] * 16], moment(1_000, 11, 42))
    counters.record([2, 0, 2, *[0] * 16], moment(2_000, 12, 99))
    counters.record([2, 1, 3, *[0] * 16], moment(3_000, 13, 100))
    assert [(row["step"], row["tokens"]) for row in recorded.rows("experts")] == [(11, 2), (13, 1)]


class Rows(list[list[float]]):
    """A tensor on the host."""

    def __getitem__(self, rows: Any) -> Any:  # noqa: ANN401 - as a list has it
        """Give the first rows."""
        return Rows(super().__getitem__(rows))

    def tolist(self) -> list[list[float]]:
        """Give the numbers."""
        return list(self)


def test_weights_are_of_a_layer_that_ran(recorded: Recorded) -> None:
    owner = Owner()
    counters, moment = _made(owner, recorded)
    host = Rows([[0, 2], [1, 2], [-1, -1]]), Rows([[0.75, 0.25], [0.5, 0.5], [0, 0]])
    counters.record([0] * 19, moment(1_000, 20, 42))
    counters._record_samples(host, 2, moment(1_000, 20, 42))
    assert recorded.rows("routing") == []
    counters.record([1, 1, 2, *[0] * 16], moment(2_000, 30, 44))
    counters._record_samples(host, 2, moment(2_000, 30, 44))
    assert [tuple(row.values()) for row in recorded.rows("routing")] == [
        (2_000, 30, 5, 0, [0, 2], [0.75, 0.25]),
        (2_000, 30, 5, 1, [1, 2], [0.5, 0.5]),
    ]


def test_the_layer_is_not_kept_alive(recorded: Recorded) -> None:
    owner = Owner()
    counters, _ = _made(owner, recorded)
    assert counters.owner() is owner
    del owner
    assert counters.owner() is None


@pytest.mark.parametrize(("experts", "paired"), [(512, True), (513, False)])
def test_pairs_are_counted_where_there_is_memory_for_them(
    recorded: Recorded, experts: int, *, paired: bool
) -> None:
    owner = Owner()
    counters, _ = _made(owner, recorded, experts)
    assert (counters.pairs is not None) is paired
    assert not paired or counters.pairs.shape == (512 + 16) ** 2


_STEP = st.tuples(st.lists(st.integers(0, 5), min_size=3, max_size=3), st.integers(0, 9))


@settings(
    max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(st.lists(_STEP, max_size=8))
def test_rows_add_up_and_cover_each_step_once(
    tmp_path: Path, steps: list[tuple[list[int], int]]
) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        _pretend(monkeypatch)
        recorded = Recorded(load(switched_on(tmp_path)), monkeypatch)
        owner = Owner()
        counters, moment = _made(owner, recorded)
        totals = list(accumulate((tokens for _, tokens in steps), initial=40))[1:]
        counts = [0] * EXPERTS
        for number, ((new, _), total) in enumerate(zip(steps, totals, strict=True), start=10):
            counts = [count + more for count, more in zip(counts, new, strict=True)]
            counters.record([*counts, *[0] * 16], moment(0, number, total))
        rows = recorded.rows("experts")
        assert [sum(row["counts"][at] for row in rows) for at in range(EXPERTS)] == counts
        assert sum(row["tokens"] for row in rows) == sum(
            tokens for new, tokens in steps if any(new)
        )
        covered = [step for row in rows for step in range(row["first_step"], row["step"] + 1)]
        assert len(covered) == len(set(covered))
        assert {step for step, (new, _) in enumerate(steps, start=10) if any(new)} == set(covered)
