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


def test_nothing_new_is_no_row(recorded: Recorded) -> None:
    owner = Owner()
    counters, moment = _made(owner, recorded)
    counters.record([0] * 19, moment(1_000, 12, 40))
    assert recorded.rows("experts") == []


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
        assert sum(row["tokens"] for row in rows) == sum(tokens for _, tokens in steps)
        covered = [step for row in rows for step in range(row["first_step"], row["step"] + 1)]
        assert len(covered) == len(set(covered))
        busy = {
            number for number, (new, tokens) in enumerate(steps, start=10) if any(new) or tokens
        }
        assert busy <= set(covered)
