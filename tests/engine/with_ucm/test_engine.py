"""UCM's points fire in EngineCore and in the worker, and change nothing where nobody asks."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.engines import UCM, UCM_LOADING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.engine.running import Run

pytestmark = pytest.mark.engine

Call = dict[str, Any]
LAYERS = 2
IN_SCHEDULER = {
    "matched",
    "meta",
    "plans",
    "estimate",
    "request_begin",
    "request_finished_in_scheduler",
}
IN_WORKER = {
    "bound",
    "failed_recving",
    "load",
    "invalid",
    "update_states",
    "sparse_meta",
    "execute_begin",
    "execute_finished",
    "attention_begin",
    "attention_finished",
    "request_finished_in_worker",
}
# A step of a worker, as the seed draws it: UCM before, the layers one by one, UCM after.
STEP = [
    "bound",
    "update_states",
    "sparse_meta",
    "execute_begin",
    *["attention_begin", "attention_finished"] * LAYERS,
    "execute_finished",
]


def calls(run: Run) -> list[Call]:
    found: list[Call] = run.answer["calls"]
    return found


def test_it_generates_what_stock_does(
    ucm_stock: Run, ucm_unset: Run, ucm_absent: Run, ucm_on: Run
) -> None:
    expected = ucm_stock.tokens(UCM.name)
    assert list(map(len, expected)) == UCM.tokens
    for run in (ucm_unset, ucm_absent, ucm_on):
        assert run.tokens(UCM.name) == expected


def test_a_sparse_request_reads_the_blocks_that_its_method_chose(
    ucm_stock: Run, ucm_sparse: Run
) -> None:
    assert ucm_sparse.tokens(UCM.name) == ucm_stock.tokens(UCM.name)
    (engine,) = _engines(ucm_sparse)
    slots = [item["slots"] for item in _of(engine, ["execute_begin"])]
    # One request at a time: its prompt as usual, then a slot more with every token.
    seen = [next(iter(step.values())) for step in slots]
    expected: list[int] = []
    for prompt, tokens in zip(UCM.prompts, UCM.tokens, strict=True):
        expected += [-1, *range(len(prompt) + 1, len(prompt) + tokens)]
    assert all(len(step) == 1 for step in slots)
    assert seen == expected


def test_blocks_that_fail_to_load_are_computed(ucm_stock: Run, ucm_on: Run) -> None:
    assert ucm_on.tokens(UCM_LOADING.name) == ucm_stock.tokens(UCM.name)


def test_unless_it_is_asked_for_ucm_is_never_called(ucm_unset: Run) -> None:
    assert calls(ucm_unset) == []
    assert "wheelwright_ucm" not in ucm_unset.log


def test_that_it_is_missing_is_said_once_by_each_process(ucm_absent: Run) -> None:
    lines = [line for line in ucm_absent.log.splitlines() if "is set, but" in line]
    for variable in ("ENABLE_UCM_PATCH", "ENABLE_SPARSE"):
        said = [line for line in lines if variable in line]
        assert 1 <= len(said) <= 3
        assert all("uc-manager" in line for line in said)


def test_scheduler_and_worker_are_processes_of_their_own(ucm_on: Run) -> None:
    names = {item["name"]: set[str]() for item in calls(ucm_on)}
    for item in calls(ucm_on):
        names[item["name"]].add(item["process"])
    assert set(names) == IN_SCHEDULER | IN_WORKER | {"created", "agent"}
    (scheduler,) = {process for name in IN_SCHEDULER for process in names[name]}
    (worker,) = {process for name in IN_WORKER for process in names[name]}
    assert scheduler != worker
    assert scheduler.startswith("EngineCore")
    assert names["created"] == names["agent"] == {scheduler, worker}
    assert ucm_on.answer["pid"] not in {item["pid"] for item in calls(ucm_on)}


def _engines(run: Run) -> list[list[Call]]:
    """Give the calls of each engine: they were started one after the other."""
    by_engine: list[list[Call]] = []
    for item in calls(run):
        # A worker has its agent before anything else is called.
        if (item["name"], item.get("role")) == ("agent", "WORKER"):
            by_engine.append([])
        by_engine[-1].append(item)
    return by_engine


def _of(items: Iterable[Call], names: Iterable[str]) -> list[Call]:
    return [item for item in items if item["name"] in set(names)]


def _steps(items: Iterable[Call]) -> list[list[Call]]:
    """Give a worker's steps that run the model: each begins with what is planned for it."""
    steps: list[list[Call]] = []
    for item in _of(items, STEP):
        if item["name"] == "bound":
            steps.append([])
        steps[-1].append(item)
    return [step for step in steps if any(item["name"] == "execute_begin" for item in step)]


def test_the_points_of_a_step_come_in_the_order_that_the_seed_draws(ucm_on: Run) -> None:
    for engine in _engines(ucm_on):
        steps = _steps(engine)
        assert len(steps) >= sum(UCM.tokens)
        assert all([item["name"] for item in step] == STEP for step in steps)
        # A layer ends before the next one begins.
        for step in steps:
            layers = [item["layer"] for item in step if "layer" in item]
            assert layers[::2] == layers[1::2]
            assert len(set(layers)) == LAYERS


def test_each_step_is_planned_before_a_worker_runs_it(ucm_on: Run) -> None:
    for engine in _engines(ucm_on):
        plans = [item for item in _of(engine, ["meta"]) if item["plan"]]
        steps = _steps(engine)
        bound = [step[0] for step in steps]
        assert [item["plan"] for item in bound] == [item["plan"] for item in plans]
        assert all(plan["at"] < seen["at"] for plan, seen in zip(plans, bound, strict=True))
        # And UCM was asked about each request before that was first planned, by both sets.
        for plan in plans:
            for request in plan["plan"]:
                for asked in ("matched", "estimate"):
                    first = next(
                        i for i in engine if (i["name"], i.get("request")) == (asked, request)
                    )
                    assert first["at"] < plan["at"]


def test_what_both_sets_say_of_a_step_reaches_its_worker(ucm_on: Run) -> None:
    for engine in _engines(ucm_on):
        for step in _steps(engine):
            (bound,) = _of(step, ["bound"])
            (begun,) = _of(step, ["execute_begin"])
            assert begun["plan"] == {"requests": bound["plan"]}
            # -1: the stand-in leaves every request all of its slots.
            assert begun["slots"] == dict.fromkeys(bound["plan"], -1)
            assert set(begun["external"]) <= set(bound["plan"])


def test_requests_come_and_go_in_both_processes(ucm_on: Run) -> None:
    for engine in _engines(ucm_on):
        lives = defaultdict(list)
        for item in engine:
            if item["name"].startswith("request_"):
                lives[item["request"]].append(item["name"])
        assert len(lives) == len(UCM.prompts)
        began, ended = "request_begin", "request_finished_in_scheduler"
        # The worker hears of the last request's end with a step that does not come.
        assert all(names[:2] == [began, ended] for names in lives.values())
        assert sum("request_finished_in_worker" in names for names in lives.values()) >= 2


def test_a_failed_load_travels_to_the_scheduler_and_back(ucm_on: Run) -> None:
    _, engine = _engines(ucm_on)
    loads = _of(engine, ["load"])
    assert len(loads) == 2
    assert [item["blocks"] for item in _of(engine, ["invalid"])] == [i["blocks"] for i in loads]
    # Of the request that was loaded while nothing ran; the other's step was simply not counted.
    (heard,) = _of(engine, ["failed_recving"])
    assert heard["requests"] == [loads[-1]["request"]]
    (planned,) = [item for item in _of(engine, ["meta"]) if item["failed"]]
    assert planned["failed"] == heard["requests"]
    ran = [item["failed"] for item in _of(engine, ["execute_begin"])]
    assert [failed for failed in ran if failed] == [heard["requests"]]
    order = [loads[-1], _of(engine, ["invalid"])[-1], planned, heard]
    assert all(one["at"] < next_["at"] for one, next_ in pairwise(order))


def test_a_request_that_is_computed_again_is_forgotten(ucm_on: Run) -> None:
    _, engine = _engines(ucm_on)
    first, second = (item["request"] for item in _of(engine, ["load"]))
    known = [item["requests"] for item in _of(engine, ["plans"])]
    assert [first] in known
    assert known[known.index([first]) + 1] == []
    # The other's plan is that of a load which is not yet given up.
    assert [second] in known
