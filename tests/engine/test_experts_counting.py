"""Experts are counted as Python counts them: on a CPU, on a device, and in replayed graphs."""

from __future__ import annotations

import json
import random
import subprocess
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.engine.environment import Environments

pytestmark = pytest.mark.engine

_ROOT = Path(__file__).resolve().parents[2]
_LAYERS = ["model.layers.3.mlp.experts", "model.layers.11.mlp.experts"]
# Operators whose result the host waits for, or whose size depends on values.
_WAITING = ("local_scalar_dense", "nonzero", "bincount", "masked_select", "unique", "item")


def _scenario(  # noqa: PLR0913
    how: str, *, experts: int, top_k: int, dtype: str = "int32", padded: int = 0, none: float = 0
) -> dict[str, Any]:
    """Make a run: random experts, distinct for each token, some of them -1."""
    chance = random.Random(f"{how} {experts} {top_k} {dtype} {padded}")  # noqa: S311

    def token() -> list[int]:
        chosen = chance.sample(range(experts), top_k)
        return [-1 if chance.random() < none else expert for expert in chosen]

    sizes = [chance.randint(1, padded or 100) for _ in range(23)]
    steps = [[[token() for _ in range(size)] for _ in _LAYERS] for size in sizes]
    shape = {"experts": experts, "top_k": top_k, "layers": _LAYERS}
    return {**shape, "how": how, "dtype": dtype, "padded": padded, "steps": steps}


SCENARIOS = {
    "cpu": _scenario("cpu", experts=4, top_k=2),
    "cpu, 64 bits": _scenario("cpu", experts=60, top_k=8, dtype="int64"),
    "cpu, unsigned": _scenario("cpu", experts=16, top_k=4, dtype="uint32"),
    "cpu, some none": _scenario("cpu", experts=16, top_k=4, none=0.2),
    "cpu, padded": _scenario("cpu", experts=8, top_k=2, padded=64),
    "cpu, one expert each": _scenario("cpu", experts=8, top_k=1),
    "cpu, too many to pair": _scenario("cpu", experts=600, top_k=2),
    "device": _scenario("device", experts=8, top_k=2, padded=64),
    "device, unsigned and some none": _scenario(
        "device", experts=8, top_k=3, dtype="uint32", padded=64, none=0.2
    ),
    "graph": _scenario("graph", experts=8, top_k=2, padded=64),
    "graph, 64 bits and some none": _scenario(
        "graph", experts=128, top_k=8, dtype="int64", padded=16, none=0.2
    ),
}


@pytest.fixture(scope="module")
def results(environments: Environments) -> dict[str, Any]:
    """Give what was recorded in each scenario."""
    done = subprocess.run(
        [environments.python("base"), "-m", "tests.engine.counting"],
        input=json.dumps(list(SCENARIOS.values())),
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(zip(SCENARIOS, json.loads(done.stdout), strict=True))


def _rows(result: dict[str, Any], table: str) -> list[list[Any]]:
    return [row for name, row in result["rows"] if name == table]


@pytest.mark.parametrize("name", SCENARIOS)
def test_each_expert_is_counted(results: dict[str, Any], name: str) -> None:
    scenario, result = SCENARIOS[name], results[name]
    assert result["said"] == []
    for at, layer in enumerate([3, 11]):
        expected = Counter(
            expert for step in scenario["steps"] for token in step[at] for expert in token
        )
        del expected[-1]
        found: Counter[int] = Counter()
        for _, _, _, index, of, _, top_k, counts in _rows(result, "experts"):
            if index == layer:
                assert (of, top_k) == (_LAYERS[at], scenario["top_k"])
                found.update(dict(enumerate(counts)))
        assert +found == expected


@pytest.mark.parametrize("name", SCENARIOS)
def test_rows_follow_each_other_and_add_up(results: dict[str, Any], name: str) -> None:
    steps = SCENARIOS[name]["steps"]
    for layer in (3, 11):
        rows = [row for row in _rows(results[name], "experts") if row[3] == layer]
        assert len(rows) > 3
        covered = -1
        for _, step, first, _, _, tokens, top_k, counts in rows:
            assert first == covered + 1
            assert tokens == sum(len(batches[0]) for batches in steps[first : step + 1])
            if "none" not in name:
                assert sum(counts) == tokens * top_k
            covered = step
        assert covered == len(steps) - 1


@pytest.mark.parametrize("name", SCENARIOS)
def test_each_pair_is_counted(results: dict[str, Any], name: str) -> None:
    scenario, result = SCENARIOS[name], results[name]
    for at, layer in enumerate([3, 11]):
        expected = Counter(
            pair
            for step in scenario["steps"]
            for token in step[at]
            for pair in combinations(sorted(expert for expert in token if expert >= 0), 2)
        )
        found: Counter[tuple[int, int]] = Counter()
        for _, _, index, first, second, counts in _rows(result, "expert_pairs"):
            if index == layer:
                pairs = zip(first, second, strict=True)
                found.update(dict(zip(pairs, counts, strict=True)))
        assert found == (Counter() if scenario["experts"] > 512 else expected)


@pytest.mark.parametrize("name", SCENARIOS)
def test_weights_are_sampled_with_their_experts(results: dict[str, Any], name: str) -> None:
    scenario = SCENARIOS[name]
    expected = [
        (step, layer, token, ids, [expert / 8 for expert in ids])
        for step, batches in enumerate(scenario["steps"])
        if step % 4 == 0
        for at, layer in enumerate([3, 11])
        for token, ids in enumerate(batches[at][:64])
    ]
    found = [tuple(row[1:]) for row in _rows(results[name], "routing")]
    assert found == expected


@pytest.mark.parametrize("name", [name for name in SCENARIOS if "graph" in name])
def test_nothing_in_a_graph_makes_the_host_wait(results: dict[str, Any], name: str) -> None:
    operators = results[name]["operators"]
    assert "aten.index_add_.default" in operators
    assert [name for name in operators if any(word in name for word in _WAITING)] == []
