# SPDX-License-Identifier: Apache-2.0
"""A summary as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..text_table import Value, shown, text_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Section = dict[str, Any]
_DISTRIBUTION = ("p50", "p95", "max")
# So many of the most costly operations are shown.
_OPERATIONS = 15


def summary_text(document: Mapping[str, Any]) -> Iterator[str]:
    """Give the lines of a summary.

    Args:
        document: what `summary` gives.
    """
    metadata = document["metadata"]
    yield f"{document['session']}  {shown(document['seconds'])} s"
    build = metadata.get("wheel") or metadata.get("vllm") or "unknown"
    yield f"vllm {build}, Python {metadata.get('python', 'unknown')}, {metadata.get('host', '')}"
    yield from _titled("Processes", _processes(document["processes"]))
    for name, (title, lines) in _SECTIONS.items():
        found = document["sections"][name]
        if "empty" in found:
            yield from _titled(title, [f"nothing recorded: {found['empty']}"])
        else:
            yield from _titled(title, lines(found))
    if document["notes"]:
        yield from _titled("Notes", document["notes"])


def _titled(title: str, lines: Iterator[str] | list[str]) -> Iterator[str]:
    yield ""
    yield title
    yield from (f"  {line}".rstrip() for line in lines)


def _processes(processes: list[Section]) -> Iterator[str]:
    rows: list[list[Value]] = [
        [
            process["label"],
            str(process["pid"]),
            process["host"],
            sum(process["rows"].values()),
            ", ".join(f"{name} {shown(rows)}" for name, rows in process["rows"].items()),
        ]
        for process in processes
    ]
    yield from text_table(("process", "pid", "host", "rows", "of these"), rows)


def _figures(title: str, found: Mapping[str, Section | None]) -> Iterator[str]:
    """Give a table of distributions, one a line."""
    rows: list[list[Value]] = [
        [name, one["count"], one["mean"], *(one[figure] for figure in _DISTRIBUTION)]
        for name, one in found.items()
        if one
    ]
    if rows:
        yield from text_table((title, "count", "mean", *_DISTRIBUTION), rows)


def _steps(found: Section) -> Iterator[str]:
    yield (
        f"{shown(found['steps'])} steps, {shown(found['scheduled_tokens'])} tokens scheduled"
        f" ({shown(found['prefill_tokens'])} prefill, {shown(found['decode_tokens'])} decode)"
    )
    yield f"{shown(found['joined_to_forward'])} of them joined to forward passes by their id"
    yield from _figures("step, ms", found["step_ms"])
    yield from _figures("schedule(), ms", found["schedule_ms"])


def _batches(found: Section) -> Iterator[str]:
    yield (
        f"limits: {shown(found['max_running'])} requests, {shown(found['max_tokens'])} tokens a step;"
        f" {shown(found['idle_steps'])} of {shown(found['steps'])} steps scheduled nothing"
    )
    yield from _figures(
        "of a step",
        {
            "requests": found["requests"],
            "  % of the limit": found["request_utilization_pct"],
            "tokens": found["tokens"],
            "  % of the limit ": found["token_utilization_pct"],
            "waiting requests": found["waiting"],
        },
    )


def _forward(found: Section) -> Iterator[str]:
    clock = f"{shown(found['device_timed'])} with the device's time, the others with the host's"
    yield f"{shown(found['passes'])} passes, {clock}"
    speed = found["throughput_tokens_per_sec"]
    yield f"{shown(found['tokens'])} tokens, {shown(speed)} a second of forward time"
    yield from _figures("forward, ms", found["forward_ms"])
    ranks = found["forward_ms_by_rank"]
    if len(ranks) > 1:
        yield from _figures("rank", ranks)


def _kv_cache(found: Section) -> Iterator[str]:
    moved = ", ".join(
        f"{shown(found[f'blocks_{what}'])} {what}" for what in ("allocated", "freed", "evicted")
    )
    yield f"{shown(found['blocks_total'])} blocks; {moved}"
    yield from _figures(
        "after a step",
        {"blocks in use": found["blocks_used"], "% of all": found["usage_pct"]},
    )
    yield from _figures(
        "evicted, s", {"lived": found["lifetime_sec"], "was idle": found["idle_sec"]}
    )


def _preemptions(found: Section) -> Iterator[str]:
    yield (
        f"{shown(found['requests'])} requests, {shown(found['finished'])} finished;"
        f" {shown(found['preemptions'])} preemptions of {shown(found['preempted_requests'])} requests"
    )
    if found["out_now"]:
        yield f"{shown(found['out_now'])} were still out when the recording ended"
    yield from _figures("out of the batch, ms", {"delay": found["delay_ms"]})
    rows: list[list[Value]] = [
        [one["request"], one["preemptions"], one["delay_ms"]] for one in found["most_preempted"]
    ]
    if rows:
        yield from text_table(("most preempted", "times", "out, ms"), rows)


def _experts(found: Section) -> Iterator[str]:
    columns = {
        "layer": "layer",
        "experts": "experts",
        "tokens": "tokens",
        "busiest": "busiest",
        "its %": "busiest_pct",
        "x even": "imbalance",
        "std dev": "std_dev",
        "max/min": "max_min_ratio",
        "idle": "idle",
    }
    rows = [[layer.get(key) for key in columns.values()] for layer in found["layers"]]
    yield from text_table(tuple(columns), rows)


def _cuda_graphs(found: Section) -> Iterator[str]:
    replays = ", ".join(f"{shown(count)} {mode}" for mode, count in found["replays"].items())
    taken = f"{shown(found['captures'])} captures in {shown(found['capture_time_sec'])} s"
    yield f"{taken}; replays: {replays or 'none'}"
    yield from _figures("replay on the device, ms", found["replay_ms"])


def _operations(found: Section) -> Iterator[str]:
    durations = found["duration_ms"]
    rows: list[list[Value]] = [
        [name, one["count"], one["total"], *(one[figure] for figure in _DISTRIBUTION)]
        for name, one in list(durations.items())[:_OPERATIONS]
    ]
    yield from text_table(("operation, ms", "count", "total", *_DISTRIBUTION), rows)
    if len(durations) > _OPERATIONS:
        yield f"and {len(durations) - _OPERATIONS} more: --json has all"


def _encoder(found: Section) -> Iterator[str]:
    yield from _figures("component, ms", found["duration_ms"])


_SECTIONS: dict[str, tuple[str, Callable[[Section], Iterator[str]]]] = {
    "steps": ("Steps by phase", _steps),
    "batches": ("Batches against the limits", _batches),
    "forward": ("Forward passes", _forward),
    "kv_cache": ("KV cache", _kv_cache),
    "preemptions": ("Requests and preemptions", _preemptions),
    "experts": ("Experts, by layer", _experts),
    "cuda_graphs": ("CUDA graphs", _cuda_graphs),
    "operations": ("Operations of the CPU, most costly first", _operations),
    "encoder": ("Encoders and decoders", _encoder),
}
