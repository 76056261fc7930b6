"""The CSV files are ProfileMate's: its names, its columns, and figures that the rows bear out."""

from __future__ import annotations

import csv
import json
import math
import statistics
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

import pytest

from tests.transforms.platforms.profile.profilemate import HEADERS
from tests.transforms.platforms.profile.runtime.command.commands import run, run_good
from tests.transforms.platforms.profile.runtime.command.sample import BLOCKS, EXPERTS, LAYERS, STEPS
from tests.transforms.platforms.profile.runtime.command.sessions import STARTED_NS

if TYPE_CHECKING:
    from pathlib import Path

Rows = dict[str, list[dict[str, Any]]]

# One for each of its profilers, and the section of the summary that it holds.
SUMMARIES = {
    "cuda_graph_summary.json": "cuda_graphs",
    "kv_cache_summary.json": "kv_cache",
    "moe_expert_summary.json": "experts",
    "forward_pass_summary.json": "forward",
    "cpu_timing_summary.json": "operations",
    "batch_utilization_summary.json": "batches",
    "preemption_summary.json": "preemptions",
    "encoder_decoder_summary.json": "encoder",
}


@pytest.fixture(scope="module")
def exported(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("csv") / "deep" / "er"
    run_good("profile", folder, "export", "--csv", target)
    return target


def read(exported: Path, name: str) -> list[dict[str, str]]:
    with (exported / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def numbers(rows: list[dict[str, str]], name: str) -> list[float]:
    return [float(row[name]) for row in rows]


def seconds(time_ns: int) -> float:
    return (time_ns - STARTED_NS) / 1e9


def test_files_and_columns_are_those_of_profilemate(exported: Path) -> None:
    assert {path.name for path in exported.iterdir()} == {*HEADERS, *SUMMARIES, "metadata.json"}
    for name, header in HEADERS.items():
        first = (exported / name).read_bytes().split(b"\n", 1)[0]
        assert first == header.encode(), name


def test_a_session_without_rows_has_every_header(empty_folder: Path, tmp_path: Path) -> None:
    run_good("profile", empty_folder, "export", "--csv", tmp_path)
    for name, header in HEADERS.items():
        assert (tmp_path / name).read_text(encoding="utf-8") == header + "\n", name
    document = json.loads((tmp_path / "moe_expert_summary.json").read_text(encoding="utf-8"))
    assert "the model is dense" in document["empty"]


@pytest.mark.parametrize(
    "name", [name for name, header in HEADERS.items() if header.startswith("timestamp_sec")]
)
def test_rows_come_in_order_of_time(exported: Path, name: str) -> None:
    times = numbers(read(exported, name), "timestamp_sec")
    assert times == sorted(times)
    assert 0 < times[0] <= times[-1] < 10


def test_batches_are_the_steps_against_their_limits(exported: Path, rows: Rows) -> None:
    found = read(exported, "batch_utilization.csv")
    assert len(found) == STEPS
    for one, step in zip(found, rows["steps"], strict=True):
        assert float(one["timestamp_sec"]) == seconds(step["time_ns"])
        assert float(one["seq_utilization_pct"]) == step["scheduled_requests"] / 64 * 100
        assert float(one["token_utilization_pct"]) == step["scheduled_tokens"] / 2048 * 100
        plain = ("num_seqs", "max_num_seqs", "num_tokens", "max_tokens")
        assert [int(one[name]) for name in plain] == [
            step["scheduled_requests"],
            64,
            step["scheduled_tokens"],
            2048,
        ]
        queues = (int(one["running_queue_len"]), int(one["waiting_queue_len"]))
        assert queues == (step["running"], step["waiting"])
        assert one["phase"] == step["phase"]


def test_blocks_are_in_percent_of_all(exported: Path, rows: Rows) -> None:
    found = read(exported, "kv_cache_usage.csv")
    used = [step["blocks_used"] for step in rows["steps"]]
    assert numbers(found, "num_blocks") == used
    assert numbers(found, "usage_pct") == [100 * one / BLOCKS for one in used]
    assert max(numbers(found, "usage_pct")) == 100


def test_evictions_are_in_seconds(exported: Path, rows: Rows) -> None:
    found = read(exported, "kv_cache_evictions.csv")
    assert numbers(found, "lifetime_sec") == [one["lifetime_ns"] / 1e9 for one in rows["evictions"]]
    assert numbers(found, "idle_sec") == [one["idle_ns"] / 1e9 for one in rows["evictions"]]


def test_forward_passes_have_the_devices_time_if_there_is_one(exported: Path, rows: Rows) -> None:
    found = read(exported, "forward_pass_timing.csv")
    took = [row["device_ns"] or row["duration_ns"] for row in rows["forward"]]
    assert {row["device_ns"] is None for row in rows["forward"]} == {True, False}
    assert numbers(found, "forward_time_ms") == [one / 1e6 for one in took]
    assert numbers(found, "throughput_tokens_per_sec") == pytest.approx(
        [row["tokens"] / (one / 1e9) for row, one in zip(rows["forward"], took, strict=True)]
    )
    assert numbers(found, "batch_size") == [row["requests"] for row in rows["forward"]]


def test_operations_have_their_names_times_and_contexts(exported: Path, rows: Rows) -> None:
    found = [
        (float(one["timestamp_sec"]), one["operation"], float(one["duration_ms"]), one["context"])
        for one in read(exported, "cpu_operations_timing.csv")
    ]
    assert sorted(found) == sorted(
        (seconds(one["time_ns"]), one["operation"], one["duration_ns"] / 1e6, one["context"])
        for one in rows["operations"]
    )
    assert sum(operation == "schedule" for _, operation, _, _ in found) == STEPS


def test_activations_add_up_and_are_shares_of_their_layer(exported: Path, rows: Rows) -> None:
    found = read(exported, "moe_expert_activations.csv")
    counts: Counter[tuple[int, int]] = Counter()
    for row in rows["experts"]:
        for expert, count in enumerate(row["counts"]):
            counts[row["layer"], expert] += count
    assert len(found) == LAYERS * EXPERTS
    totals: defaultdict[str, float] = defaultdict(float)
    for one in found:
        key = (int(one["layer_idx"]), int(one["expert_id"]))
        assert int(one["activation_count"]) == counts[key]
        totals[one["layer_idx"]] += float(one["percentage"])
    assert [round(total, 6) for total in totals.values()] == [100] * LAYERS


def test_pairs_add_up_over_the_session(exported: Path, rows: Rows) -> None:
    pairs: Counter[tuple[int, int, int]] = Counter()
    for row in rows["expert_pairs"]:
        for place in range(len(row["counts"])):
            pairs[row["layer"], row["first"][place], row["second"][place]] += row["counts"][place]
    found = [
        [int(value) for value in one.values()]
        for one in read(exported, "moe_expert_coselection.csv")
    ]
    assert found == [[*pair, pairs[pair]] for pair in sorted(pairs)]


def test_weights_have_a_row_for_each_expert_of_a_token(exported: Path, rows: Rows) -> None:
    found = read(exported, "moe_routing_weights_hist.csv")
    assert len(found) == sum(len(row["experts"]) for row in rows["routing"])
    first = rows["routing"][0]
    assert [float(one["weight"]) for one in found[:2]] == first["weights"]
    assert [int(one["expert_id"]) for one in found[:2]] == first["experts"]


def test_imbalance_is_the_deviation_and_the_ratio_of_an_interval(
    exported: Path, rows: Rows
) -> None:
    found = read(exported, "moe_load_imbalance.csv")
    for one, row in zip(found, rows["experts"], strict=True):
        assert float(one["std_dev"]) == pytest.approx(statistics.pstdev(row["counts"]))
        least = min(row["counts"])
        ratio = max(row["counts"]) / least if least else math.inf
        assert float(one["max_min_ratio"]) == ratio
    assert math.inf in numbers(found, "max_min_ratio")


def test_replays_are_added_up_and_what_is_unknown_is_empty(exported: Path) -> None:
    assert read(exported, "cuda_graph_usage.csv") == [
        {
            "runtime_mode": "FULL",
            "num_tokens": "8",
            "num_reqs": "",
            "uniform": "True",
            "has_lora": "False",
            "replay_count": "84",
        }
    ]
    captures = read(exported, "cuda_graph_captures.csv")
    assert [one["capture_time_sec"] for one in captures] == ["0.15", "0.15"]
    assert "" in {one["duration_ms"] for one in read(exported, "cuda_graph_timeline.csv")}


def test_preemptions_are_those_of_the_requests(exported: Path, rows: Rows) -> None:
    found = read(exported, "preemption_events.csv")
    expected = [row for row in rows["requests"] if row["event"] in {"preempted", "resumed"}]
    assert [(one["request_id"], one["event"]) for one in found] == [
        (row["request"], row["event"]) for row in expected
    ]
    assert {one["running_time_sec"] for one in found} == {"0.04", ""}
    assert found[0]["extra_info"] == (
        f"step={expected[0]['step']} prompt_tokens=64 computed_tokens=80 output_tokens=16"
    )


def test_a_life_is_from_the_first_schedule_to_the_end(exported: Path, rows: Rows) -> None:
    lives = {one["request_id"]: one for one in read(exported, "request_lifecycle.csv")}
    events: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows["requests"]:
        events[row["request"]].append(row)
    assert lives.keys() == events.keys()
    for request, life in lives.items():
        times = defaultdict(list)
        for event in events[request]:
            times[event["event"]].append(seconds(event["time_ns"]))
        assert float(life["started_sec"]) == times["scheduled"][0]
        for column, name in (("preempted_sec", "preempted"), ("resumed_sec", "resumed")):
            assert life[column] == (str(times[name][0]) if times[name] else "")
        out = sum(times["resumed"]) - sum(times["preempted"])
        assert float(life["preemption_delay_sec"]) == pytest.approx(out)
        if times["finished"]:
            total = times["finished"][0] - times["scheduled"][0]
            assert float(life["total_time_sec"]) == pytest.approx(total)
        else:
            assert (life["finished_sec"], life["total_time_sec"]) == ("", "")
    assert sum(not life["finished_sec"] for life in lives.values()) == 4


def test_encoders_keep_their_context(exported: Path) -> None:
    found = read(exported, "encoder_decoder_timing.csv")
    assert [(one["component"], one["duration_ms"], one["context"]) for one in found] == [
        ("encoder", "9.0", "image x2")
    ] * 2


def test_summaries_are_the_sections_of_the_summary(exported: Path, folder: Path) -> None:
    sections = run_good("profile", folder, "summary", "--json").document["sections"]
    for name, section in SUMMARIES.items():
        document = json.loads((exported / name).read_text(encoding="utf-8"))
        assert document == {"session": folder.name, **sections[section]}


def test_metadata_says_what_was_read(exported: Path) -> None:
    document = json.loads((exported / "metadata.json").read_text(encoding="utf-8"))
    assert document["started_ns"] == STARTED_NS
    assert [one["label"] for one in document["processes"]] == [
        "main",
        "engine_core",
        "worker 0",
        "worker 1",
    ]
    assert document["notes"] == []


def test_json_names_the_files_and_their_rows(folder: Path, tmp_path: Path) -> None:
    words = ("profile", folder, "export", "--csv", tmp_path / "a", "--json")
    document = run_good(*words).document
    assert document["wrote"] == str(tmp_path / "a")
    assert document["files"]["batch_utilization.csv"] == STEPS
    assert document["files"]["metadata.json"] is None


def test_nothing_is_overwritten_without_force(folder: Path, tmp_path: Path) -> None:
    mine = tmp_path / "kv_cache_usage.csv"
    mine.write_text("mine", encoding="utf-8")
    words = ("profile", folder, "export", "--csv", tmp_path)
    done = run(*words)
    assert done.code == 2
    assert f"{mine} would be overwritten" in done.err
    assert "--force" in done.err
    assert [path.name for path in tmp_path.iterdir()] == [mine.name]
    assert mine.read_text(encoding="utf-8") == "mine"
    run_good(*words, "--force")
    assert mine.read_text(encoding="utf-8").startswith("timestamp_sec,")
