"""The summary's figures are those of the rows, and an empty part says why it is."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

import pytest

from tests.transforms.platforms.profile.runtime.command.commands import opened, package, run_good
from tests.transforms.platforms.profile.runtime.command.sample import BLOCKS, EXPERTS, LAYERS, STEPS

if TYPE_CHECKING:
    from pathlib import Path

Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def document(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = run_good("profile", folder, "summary", "--json").document
    return found


@pytest.fixture(scope="module")
def sections(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["sections"]
    return found


def test_tokens_are_those_that_were_scheduled(sections: dict[str, Any], rows: Rows) -> None:
    steps = rows["steps"]
    assert sections["steps"]["steps"] == STEPS
    assert sections["steps"]["scheduled_tokens"] == sum(one["scheduled_tokens"] for one in steps)
    assert sections["steps"]["scheduled_tokens"] == sum(
        sections["steps"][f"{phase}_tokens"] for phase in ("prefill", "decode")
    )


def test_schedule_times_are_by_phase(sections: dict[str, Any], rows: Rows) -> None:
    took = defaultdict(list)
    for one in rows["steps"]:
        took[one["phase"]].append(one["duration_ns"] / 1e6)
    found = sections["steps"]["schedule_ms"]
    assert [*found] == ["prefill", "mixed", "decode", "idle"]
    for phase, values in took.items():
        assert found[phase]["count"] == len(values)
        assert found[phase]["max"] == max(values)
        assert found[phase]["p50"] == pytest.approx(statistics.median(values))


def test_a_step_lasts_from_schedule_to_its_last_pass(sections: dict[str, Any], rows: Rows) -> None:
    ends: dict[int, int] = {}
    for one in rows["forward"]:
        end = one["time_ns"] + max(one["duration_ns"], one["device_ns"] or 0)
        ends[one["step"]] = max(end, ends.get(one["step"], 0))
    took = defaultdict(list)
    for one in rows["steps"]:
        if one["step"] in ends:
            begun = one["time_ns"] - one["duration_ns"]
            took[one["phase"]].append((ends[one["step"]] - begun) / 1e6)
    found = sections["steps"]["step_ms"]
    assert found.keys() == took.keys() == {"prefill", "mixed", "decode"}
    assert sections["steps"]["joined_to_forward"] == STEPS - 1
    for phase, values in took.items():
        assert found[phase]["mean"] == pytest.approx(statistics.fmean(values))
        assert found[phase]["max"] == max(values)


def test_budgets_are_used_in_percent_by_steps_that_did_something(
    sections: dict[str, Any], rows: Rows
) -> None:
    busy = [one for one in rows["steps"] if one["scheduled_tokens"]]
    found = sections["batches"]
    assert found["idle_steps"] == STEPS - len(busy) == 1
    used = [one["scheduled_tokens"] / 2048 * 100 for one in busy]
    assert found["token_utilization_pct"]["mean"] == pytest.approx(statistics.fmean(used))
    assert (found["max_tokens"], found["max_running"]) == (2048, 64)


def test_forward_passes_are_told_by_rank(sections: dict[str, Any], rows: Rows) -> None:
    found = sections["forward"]
    assert found["passes"] == len(rows["forward"])
    assert found["device_timed"] == sum(one["rank"] == 0 for one in rows["forward"])
    assert found["forward_ms_by_rank"]["1"]["p95"] == 2


def test_blocks_add_up(sections: dict[str, Any], rows: Rows) -> None:
    found = sections["kv_cache"]
    assert found["blocks_total"] == BLOCKS
    for what in ("allocated", "freed", "evicted"):
        assert found[f"blocks_{what}"] == sum(one[f"blocks_{what}"] for one in rows["steps"])
    assert found["usage_pct"]["max"] == 100
    assert found["idle_sec"]["count"] == len(rows["evictions"]) > 0


def test_preemptions_are_counted_for_each_request(sections: dict[str, Any], rows: Rows) -> None:
    times = Counter(one["request"] for one in rows["requests"] if one["event"] == "preempted")
    found = sections["preemptions"]
    assert (found["preempted_requests"], found["preemptions"]) == (len(times), times.total())
    assert (found["requests"], found["finished"], found["out_now"]) == (40, 36, 0)
    named = {one["request"]: one["preemptions"] for one in found["most_preempted"]}
    assert named == times
    assert [*named.values()] == sorted(named.values(), reverse=True)


def test_experts_are_told_by_layer(sections: dict[str, Any], rows: Rows) -> None:
    layers = sections["experts"]["layers"]
    assert [layer["layer"] for layer in layers] == [*range(LAYERS)]
    for layer in layers:
        own = [one for one in rows["experts"] if one["layer"] == layer["layer"]]
        counts = [sum(each) for each in zip(*(one["counts"] for one in own), strict=True)]
        assert len(counts) == layer["experts"] == EXPERTS
        assert layer["tokens"] == sum(one["tokens"] for one in own)
        assert layer["activations"] == sum(counts)
        assert counts[layer["busiest"]] == max(counts)
        assert layer["imbalance"] == pytest.approx(max(counts) / statistics.fmean(counts))
        assert layer["idle"] == counts.count(0) == (layer["layer"] == 1)
        assert (layer["max_min_ratio"] is None) == (layer["layer"] == 1)


def test_the_most_costly_operations_come_first(sections: dict[str, Any], rows: Rows) -> None:
    totals: Counter[str] = Counter()
    for one in rows["operations"]:
        totals[one["operation"]] += one["duration_ns"]
    found = sections["operations"]["duration_ms"]
    assert [*found] == [name for name, _ in totals.most_common()]
    assert [one["total"] for one in found.values()] == pytest.approx(
        [total / 1e6 for _, total in totals.most_common()]
    )


def test_the_text_has_every_part_and_aligned_columns(folder: Path) -> None:
    text = run_good("profile", folder).out
    assert text == run_good("profile", folder, "summary").out
    lines = text.splitlines()
    for title in ("Processes", "Steps by phase", "KV cache", "Experts, by layer"):
        assert title in lines
    start = lines.index("Experts, by layer") + 1
    table = lines[start : start + LAYERS + 1]
    assert len({len(line) for line in table}) == 1
    assert "400 steps, " in text
    assert "Notes" not in lines


def test_an_empty_part_says_why(empty_folder: Path) -> None:
    done = run_good("profile", empty_folder, "summary", "--json")
    sections = done.document["sections"]
    assert "the model is dense" in sections["experts"]["empty"]
    assert "enforce_eager" in sections["cuda_graphs"]["empty"]
    assert sections["steps"]["empty"] == "written when a step is scheduled"
    text = run_good("profile", empty_folder).out
    assert text.count("nothing recorded: ") == len(sections)


@pytest.mark.parametrize("table", list(package("tables").TABLES))
def test_every_table_knows_why_it_may_be_empty(empty_folder: Path, table: str) -> None:
    if table not in {"process", "points", "losses"}:
        assert opened(empty_folder).why_empty(table)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "-"),
        ("a", "a"),
        (1234567, "1,234,567"),
        (1234.5, "1,234"),
        (123.4, "123"),
        (12.34, "12.3"),
        (1.23456, "1.235"),
        (0.0, "0.000"),
        (float("inf"), "inf"),
    ],
)
def test_numbers_are_short(value: float | str | None, shown: str) -> None:
    assert package("command.text_table").shown(value) == shown
