"""What is recorded is what the engine did: by its answers, and by figures of its own."""

from __future__ import annotations

from collections import Counter
from itertools import accumulate
from typing import TYPE_CHECKING

import pytest

from tests.engine.engines import (
    ENGINES,
    EVICTING,
    EXPERTS,
    LAYERS,
    MIXTRAL,
    PRESSURE,
    PROCESSES,
    TOP_K,
    WHISPER,
)

if TYPE_CHECKING:
    from tests.engine.engines import Engine
    from tests.engine.running import Run
    from tests.engine.sessions import Row

pytestmark = pytest.mark.engine

IN_PROCESS = [name for name, engine in ENGINES.items() if engine.in_process]


def computed(engine: Engine) -> int:
    """Give how many tokens an engine has to compute at least: each but the last one generated."""
    return sum(map(len, engine.prompts)) + sum(engine.tokens) - len(engine.prompts)


def of_steps(rows: list[Row], steps: list[Row]) -> list[Row]:
    numbers = {row["step"] for row in steps}
    return [row for row in rows if row["step"] in numbers]


def test_every_process_has_a_stream_in_one_session(on: Run) -> None:
    session = on.session()
    owners = {}
    for stream in session.streams():
        (owners[stream.role],) = stream.rows("process")
        assert owners[stream.role]["pid"] == stream.pid
    assert set(owners) == {"main", "engine_core", "worker"}
    assert owners["main"]["pid"] == on.answer["pid"]
    assert owners["engine_core"]["parent_pid"] == on.answer["pid"]
    assert owners["worker"]["parent_pid"] == owners["engine_core"]["pid"]
    assert session.folder.name == on.answer["session"] == session.metadata()["session"]


def test_nothing_was_lost_and_nothing_went_wrong(on: Run) -> None:
    for stream in on.session().streams():
        assert stream.rows("losses") == []


def test_scheduled_tokens_are_those_of_the_prompts_and_the_answers(on: Run) -> None:
    steps = on.session().stream("engine_core").rows("steps")
    assert sum(row["scheduled_tokens"] for row in steps) == computed(PROCESSES)
    prompt = sum(map(len, PROCESSES.prompts))
    assert sum(row["prefill_tokens"] for row in steps) == prompt
    assert sum(row["decode_tokens"] for row in steps) == computed(PROCESSES) - prompt
    assert [row["step"] for row in steps] == list(range(len(steps)))


@pytest.mark.parametrize("engine", IN_PROCESS)
def test_each_step_is_what_the_scheduler_put_out(engine: str, on: Run) -> None:
    recorded = [row["scheduled_tokens"] for row in on.steps(engine)]
    assert recorded == [figure["scheduled"] for figure in on.figures(engine)]


@pytest.mark.parametrize("engine", IN_PROCESS)
def test_blocks_allocated_less_freed_are_the_blocks_in_use(engine: str, on: Run) -> None:
    steps, figures = on.steps(engine), on.figures(engine)
    used = [figure["used"] for figure in figures]
    assert list(accumulate(row["blocks_allocated"] - row["blocks_freed"] for row in steps)) == used
    assert [row["blocks_used"] for row in steps] == used
    assert {row["blocks_total"] for row in steps} == {figures[0]["total"]}
    assert max(used) > 1


def test_rows_of_workers_join_those_of_the_scheduler(on: Run) -> None:
    core, worker = on.session().stream("engine_core"), on.session().stream("worker")
    scheduled = {
        row["step"]: (row["scheduled_tokens"], row["scheduled_requests"])
        for row in core.rows("steps")
        if row["scheduled_tokens"]
    }
    forward = worker.rows("forward")
    assert len(forward) == len(scheduled)
    assert {row["step"]: (row["tokens"], row["requests"]) for row in forward} == scheduled
    assert all(row["duration_ns"] > 0 and row["rank"] == 0 for row in forward)


def test_a_step_says_what_phase_it_was(on: Run) -> None:
    phases = Counter(row["phase"] for row in on.steps(MIXTRAL.name))
    assert phases["prefill"]
    assert phases["mixed"]
    assert phases["decode"] > phases["mixed"]


def test_each_token_of_each_layer_goes_to_its_experts(on: Run) -> None:
    main, steps = on.session().stream("main"), on.steps(MIXTRAL.name)
    tokens = sum(row["scheduled_tokens"] for row in steps)
    rows = of_steps(main.rows("experts"), steps)
    assert {row["layer"] for row in rows} == set(range(LAYERS))
    for layer in range(LAYERS):
        of_layer = [row for row in rows if row["layer"] == layer]
        assert {(row["top_k"], len(row["counts"])) for row in of_layer} == {(TOP_K, EXPERTS)}
        assert sum(row["tokens"] for row in of_layer) == tokens
        assert sum(sum(row["counts"]) for row in of_layer) == tokens * TOP_K
    assert main.rows("experts") == rows


def test_each_token_chooses_one_pair_of_experts(on: Run) -> None:
    main, steps = on.session().stream("main"), on.steps(MIXTRAL.name)
    tokens = sum(row["scheduled_tokens"] for row in steps)
    pairs: Counter[int] = Counter()
    for row in main.rows("expert_pairs"):
        pairs[row["layer"]] += sum(row["counts"])
        assert all(a < b for a, b in zip(row["first"], row["second"], strict=True))
    assert pairs == dict.fromkeys(range(LAYERS), tokens)


def test_weights_of_a_sampled_token_sum_to_one(on: Run) -> None:
    rows = on.session().stream("main").rows("routing")
    assert {row["layer"] for row in rows} == set(range(LAYERS))
    for row in rows:
        assert len(set(row["experts"])) == TOP_K
        assert sum(row["weights"]) == pytest.approx(1, abs=0.01)


def test_each_sound_is_encoded_once(on: Run) -> None:
    steps = on.steps(WHISPER.name)
    rows = of_steps(on.session().stream("main").rows("encoder"), steps)
    encoded = [row for row in rows if row["component"] == "encoder"]
    assert sum(int(row["context"].split()[0]) for row in encoded) == len(WHISPER.prompts)
    decoded = {row["step"] for row in rows if row["component"] == "decoder"}
    assert decoded == {row["step"] for row in steps if row["scheduled_tokens"]}
    assert all(row["duration_ns"] > 0 for row in rows)


def test_requests_that_give_way_are_told(on: Run) -> None:
    steps = on.steps(PRESSURE.name)
    rows = of_steps(on.session().stream("main").rows("requests"), steps)
    events = Counter(row["event"] for row in rows)
    assert events["preempted"] > 0
    assert events["resumed"] == events["preempted"] == sum(row["preempted"] for row in steps)
    assert events["scheduled"] == events["finished"] == len(PRESSURE.prompts)
    told = {row["request"] for row in rows if row["event"] == "preempted"}
    assert told <= {row["request"] for row in rows if row["event"] == "finished"}


def test_lost_work_is_what_is_computed_twice(on: Run) -> None:
    steps = on.steps(PRESSURE.name)
    rows = of_steps(on.session().stream("main").rows("requests"), steps)
    lost = sum(row["computed_tokens"] for row in rows if row["event"] == "preempted")
    assert lost > 0
    assert sum(row["scheduled_tokens"] for row in steps) == computed(PRESSURE) + lost


def test_evicted_blocks_are_told(on: Run) -> None:
    steps = on.steps(EVICTING.name)
    rows = of_steps(on.session().stream("main").rows("evictions"), steps)
    assert len(rows) == sum(row["blocks_evicted"] for row in steps) > 0
    assert all(row["lifetime_ns"] >= row["idle_ns"] > 0 for row in rows)
