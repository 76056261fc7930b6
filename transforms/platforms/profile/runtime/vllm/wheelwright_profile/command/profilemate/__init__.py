# SPDX-License-Identifier: Apache-2.0
"""The files that ProfileMate wrote, with its names and columns, made of a session's tables."""

from __future__ import annotations

from . import blocks, experts, graphs, scheduling, timing

FILES = (
    *graphs.FILES,
    *blocks.FILES,
    *experts.FILES,
    *timing.FILES,
    *scheduling.FILES,
)

# One for each of ProfileMate's profilers: the file, and the section of `summary` that it holds.
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
