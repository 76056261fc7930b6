"""A session of a mixture of experts on two ranks, whose engine is short of KV blocks."""

from __future__ import annotations

import random
from typing import Any

from tests.transforms.platforms.profile.runtime.command.sessions import (
    STARTED_NS,
    Recorded,
    Rows,
    row,
)

MS = 1_000_000
STEPS, LAYERS, EXPERTS, BLOCKS = 400, 4, 8, 512


def sample(steps: int = STEPS, *, layers: int = LAYERS, experts: int = EXPERTS) -> list[Recorded]:
    """Give a main process, an EngineCore and its two workers."""
    draw = random.Random(7)  # noqa: S311 - the same session each time
    engine, scheduled = _engine(draw, steps)
    workers = [
        Recorded(
            role="worker",
            rank=rank,
            rows=_worker(draw, rank, scheduled, layers, experts),
            fired={"forward.ends": len(scheduled), "experts.selected": len(scheduled)},
        )
        for rank in range(2)
    ]
    fired = {"scheduler.schedule": steps, "requests.added": 40, "requests.finished": 36}
    core = Recorded(role="engine_core", rows=engine, fired=fired, children=workers)
    operations = [
        row(
            "operations",
            time_ns=STARTED_NS + 1000 * MS + number * 50 * MS,
            step=-1,
            duration_ns=draw.randrange(1, 5) * MS,
            operation="llm_engine step: process_outputs",
            context="",
        )
        for number in range(steps // 4)
    ]
    return [Recorded(rows={"operations": operations}), core]


def _engine(draw: random.Random, steps: int) -> tuple[Rows, list[dict[str, Any]]]:
    """Give EngineCore's rows, and for the workers what was scheduled."""
    rows: Rows = {"steps": [], "requests": [], "evictions": [], "operations": []}
    scheduled: list[dict[str, Any]] = []
    now, used = STARTED_NS + 1200 * MS, 16
    for step in range(steps):
        phase = "idle" if step == 5 else draw.choices(["prefill", "mixed", "decode"], [1, 2, 9])[0]
        prefill = {"prefill": draw.randrange(200, 1500), "mixed": draw.randrange(20, 600)}.get(
            phase, 0
        )
        decode = 0 if phase in {"prefill", "idle"} else draw.randrange(8, 48)
        took = draw.randrange(200, 900) * 1000
        allocated, freed = prefill // 16 + decode // 16, draw.randrange(0, 15)
        used = min(max(used + allocated - freed, 8), BLOCKS)
        preempted = int(used == BLOCKS)
        now += took + draw.randrange(0, 2) * MS
        rows["steps"].append(
            row(
                "steps",
                time_ns=now,
                step=step,
                duration_ns=took,
                phase=phase,
                scheduled_requests=decode + (prefill > 0),
                running=decode + (prefill > 0),
                waiting=max(0, used - 400) // 8,
                max_running=64,
                scheduled_tokens=prefill + decode,
                max_tokens=2048,
                prefill_tokens=prefill,
                decode_tokens=decode,
                preempted=preempted,
                blocks_used=used,
                blocks_total=BLOCKS,
                blocks_allocated=allocated,
                blocks_freed=freed,
                blocks_evicted=preempted * 3,
            )
        )
        rows["operations"] += [
            row(
                "operations",
                time_ns=now - took + later,
                step=step,
                duration_ns=took // parts,
                operation=operation,
                context=phase,
            )
            for operation, later, parts in (
                ("schedule: allocate_slots", 50_000, 3),
                ("schedule", 0, 1),
            )
        ]
        for number in range(preempted * 3):
            rows["evictions"].append(
                row(
                    "evictions",
                    time_ns=now,
                    step=step,
                    block=number,
                    lifetime_ns=draw.randrange(100, 900) * MS,
                    idle_ns=draw.randrange(1, 90) * MS,
                )
            )
        if phase != "idle":
            one: dict[str, Any] = {
                "step": step,
                "phase": phase,
                "requests": decode + 1,
                "tokens": prefill + decode,
            }
            scheduled.append({**one, "start": now + MS // 2})
            now += (4 + prefill // 40) * MS + draw.randrange(0, 3) * MS
    rows["requests"] = _requests(draw, [one["start"] for one in scheduled])
    return rows, scheduled


def _requests(draw: random.Random, times: list[int]) -> list[tuple[Any, ...]]:
    """Give the events of 40 requests; every fifth is preempted, some twice, and 4 never finish."""
    rows = []

    def add(request: int, event: str, time: int, running: int | None = None) -> None:
        rows.append(
            row(
                "requests",
                time_ns=time,
                step=request,
                request=f"req-{request}",
                event=event,
                reason={"preempted": "no free KV blocks", "finished": "stop"}.get(event, ""),
                running_ns=running,
                prompt_tokens=64,
                computed_tokens=80,
                output_tokens=16,
            )
        )

    for request in range(40):
        start = times[request * len(times) // 60]
        add(request, "added", start - 30 * MS)
        add(request, "scheduled", start)
        now = start
        for _ in range((request % 5 == 0) + (request % 20 == 0)):
            now += draw.randrange(40, 90) * MS
            add(request, "preempted", now, 40 * MS)
            now += draw.randrange(10, 60) * MS
            add(request, "resumed", now)
        if request % 10 != 9:
            add(request, "finished", now + 200 * MS, 200 * MS)
    return sorted(rows)


def _worker(
    draw: random.Random, rank: int, scheduled: list[dict[str, Any]], layers: int, experts: int
) -> Rows:
    rows: Rows = {
        name: []
        for name in ("forward", "operations", "experts", "expert_pairs", "routing", "encoder")
    }
    for one in scheduled:
        device = (3 + one["tokens"] // 50) * MS + draw.randrange(0, 900) * 1000
        start = one["start"] + rank * 100_000
        rows["forward"].append(
            row(
                "forward",
                time_ns=start,
                step=one["step"],
                duration_ns=2 * MS,
                # The second rank has a platform without device events.
                device_ns=None if rank else device,
                phase=one["phase"],
                requests=one["requests"],
                tokens=one["tokens"],
                padded_tokens=-(-one["tokens"] // 8) * 8,
                rank=rank,
            )
        )
        for number, name in enumerate(("preprocess", "forward", "AsyncGPUModelRunnerOutput")):
            rows["operations"].append(
                row(
                    "operations",
                    time_ns=start + number * 500_000,
                    step=one["step"],
                    duration_ns=400_000 + draw.randrange(90_000),
                    operation=f"gpu_model_runner: {name}",
                    context="",
                )
            )
    rows |= _experts(draw, scheduled, layers, experts)
    rows |= _graphs(scheduled)
    return rows


def _experts(
    draw: random.Random, scheduled: list[dict[str, Any]], layers: int, experts: int
) -> Rows:
    """Give a row for each layer and 100 steps; the last expert of layer 1 gets nothing."""
    rows: Rows = {"experts": [], "expert_pairs": [], "routing": []}
    for place in range(0, len(scheduled), 100):
        part = scheduled[place : place + 100]
        tokens = sum(one["tokens"] for one in part)
        for layer in range(layers):
            weights = [draw.random() ** 2 + 0.1 for _ in range(experts)]
            if layer == 1:
                weights[-1] = 0.0
            counts = [0] * experts
            for expert in draw.choices(range(experts), weights, k=min(2 * tokens, 1000)):
                counts[expert] += 1
            about = {"time_ns": part[-1]["start"], "step": part[-1]["step"], "layer": layer}
            rows["experts"].append(
                row(
                    "experts",
                    **about,
                    first_step=part[0]["step"],
                    name=f"model.layers.{layer}.block_sparse_moe.experts",
                    tokens=tokens,
                    top_k=2,
                    counts=counts,
                )
            )
            rows["expert_pairs"].append(
                row("expert_pairs", **about, first=[0, 1], second=[2, 3], counts=[7, place + 1])
            )
            rows["routing"].append(
                row("routing", **about, token=0, experts=[2, 0], weights=[0.75, 0.25])
            )
    return rows


def _graphs(scheduled: list[dict[str, Any]]) -> Rows:
    shape = {"mode": "FULL", "tokens": 8, "requests": None, "uniform": True, "lora": False}
    captured = row("graph_captures", time_ns=STARTED_NS + 900 * MS, duration_ns=150 * MS, **shape)
    last = scheduled[-1]
    replays = [
        row("graph_replays", time_ns=last["start"], step=last["step"], replays=count, **shape)
        for count in (30, 12)
    ]
    timeline = [
        row(
            "graph_timeline",
            time_ns=one["start"],
            step=one["step"],
            descriptor="FULL tokens=8",
            duration_ns=None if number % 10 == 0 else 2 * MS + number * 1000,
        )
        for number, one in enumerate(scheduled[::8])
    ]
    encoder = [
        row(
            "encoder",
            time_ns=scheduled[0]["start"],
            step=0,
            duration_ns=9 * MS,
            component="encoder",
            context="image x2",
        )
    ]
    return {
        "graph_captures": [captured],
        "graph_replays": replays,
        "graph_timeline": timeline,
        "encoder": encoder,
    }
