# SPDX-License-Identifier: Apache-2.0
"""What a summary says of the model's parts: experts and CUDA graphs."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from ..experts import LayerCounts, layer_counts
from ..figures import NS_IN_MS, NS_IN_S, deviation, distribution, max_min_ratio, share

if TYPE_CHECKING:
    from ..session import Session

Document = dict[str, Any]


def experts(session: Session) -> Document | None:
    """Say of each layer how evenly its experts were used."""
    layers = layer_counts(session)
    if not layers:
        return None
    return {"layers": [_layer(layer) for layer in layers]}


def _layer(layer: LayerCounts) -> Document:
    """Describe one layer.

    `imbalance` is the busiest expert's share over an even share: 1 is even. `max_min_ratio` is None
    where an expert got nothing (JSON has no infinity); `idle` counts such experts.
    """
    counts, total = layer.counts, sum(layer.counts)
    document = {
        "layer": layer.layer,
        "name": layer.name,
        "experts": len(counts),
        "tokens": layer.tokens,
        "activations": total,
    }
    if not total:
        return document
    ratio = max_min_ratio(counts)
    busiest = max(range(len(counts)), key=counts.__getitem__)
    return document | {
        "busiest": busiest,
        "busiest_pct": share(counts[busiest], total),
        "imbalance": counts[busiest] * len(counts) / total,
        "std_dev": deviation(counts),
        "max_min_ratio": ratio if ratio is not None and math.isfinite(ratio) else None,
        "idle": counts.count(0),
    }


def cuda_graphs(session: Session) -> Document | None:
    """Say what was captured, what was replayed, and what replays took on the device."""
    captures = session.rows("graph_captures")
    replays = session.rows("graph_replays")
    timeline = session.rows("graph_timeline")
    if not (captures or replays or timeline):
        return None
    modes: Counter[str] = Counter()
    for row in replays:
        modes[row.mode] += row.replays
    timed: dict[str, list[float]] = defaultdict(list)
    for row in timeline:
        if row.duration_ns is not None:
            timed[row.descriptor].append(row.duration_ns / NS_IN_MS)
    found = {name: distribution(timed[name]) for name in sorted(timed)}
    return {
        "captures": len(captures),
        "capture_time_sec": sum(row.duration_ns for row in captures) / NS_IN_S,
        "replays": dict(sorted(modes.items())),
        "timed_replays": len(timeline),
        "replay_ms": {name: one.document() for name, one in found.items() if one},
    }
