# SPDX-License-Identifier: Apache-2.0
"""ProfileMate's files about mixtures of experts."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ..experts import layer_counts
from ..figures import deviation, max_min_ratio, share
from .csv_file import Cell, CsvFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..session import Session


def _activations(session: Session) -> Iterator[tuple[Cell, ...]]:
    """Give one row for each expert of each layer, those that got nothing included.

    `activation_count` is how often tokens were sent to it in the whole session, all workers
    together; `percentage` is its share of the layer's activations, 0 to 100.
    """
    for layer in layer_counts(session):
        total = sum(layer.counts)
        for expert, count in enumerate(layer.counts):
            yield (layer.layer, expert, count, share(count, total))


def _coselection(session: Session) -> Iterator[tuple[Cell, ...]]:
    """Give one row for each two experts that one token was sent to; `expert_id_1` is the lower."""
    pairs: Counter[tuple[int, int, int]] = Counter()
    for row in session.rows("expert_pairs"):
        for first, second, count in zip(row.first, row.second, row.counts, strict=True):
            pairs[row.layer, first, second] += count
    for pair in sorted(pairs):
        yield (*pair, pairs[pair])


def _weights(session: Session) -> Iterator[tuple[Cell, ...]]:
    """Give one row for each expert of each token of the sampled steps, in the order of time.

    `token_idx` is the token's place in its step's batch; `weight` is the router's.
    """
    for row in session.rows("routing"):
        for expert, weight in zip(row.experts, row.weights, strict=True):
            yield (row.layer, row.token, expert, weight)


def _imbalance(session: Session) -> Iterator[tuple[Cell, ...]]:
    """Give one row for each layer and interval of each worker.

    `std_dev` is the deviation (population) of the experts' counts in the interval,
    `max_min_ratio` the greatest count divided by the least: `inf` if an expert got nothing.
    """
    for row in session.rows("experts"):
        if row.counts:
            spread, ratio = deviation(row.counts), max_min_ratio(row.counts)
            yield (row.layer, session.seconds(row.time_ns), spread, ratio)


FILES = (
    CsvFile(
        name="moe_expert_activations.csv",
        columns="layer_idx,expert_id,activation_count,percentage",
        tables=("experts",),
        rows=_activations,
    ),
    CsvFile(
        name="moe_expert_coselection.csv",
        columns="layer_idx,expert_id_1,expert_id_2,coselection_count",
        tables=("expert_pairs",),
        rows=_coselection,
    ),
    CsvFile(
        name="moe_routing_weights_hist.csv",
        columns="layer_idx,token_idx,expert_id,weight",
        tables=("routing",),
        rows=_weights,
    ),
    CsvFile(
        name="moe_load_imbalance.csv",
        columns="layer_idx,timestamp_sec,std_dev,max_min_ratio",
        tables=("experts",),
        rows=_imbalance,
    ),
)
