# SPDX-License-Identifier: Apache-2.0
"""What each expert of each layer got in a whole session."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerCounts:
    """One layer's load.

    Attributes:
        layer: its number.
        name: its name in the model.
        tokens: the tokens that were routed.
        counts: for each expert how often a token was sent to it.
    """

    layer: int
    name: str
    tokens: int
    counts: tuple[int, ...]


def layer_counts(session: Session) -> list[LayerCounts]:
    """Add up the counts of all intervals and workers, for each layer.

    In a tensor-parallel group each worker routes the same tokens, and all of them count.
    """
    layers: dict[int, LayerCounts] = {}
    for row in session.rows("experts"):
        known = layers.get(row.layer)
        tokens, counts = (known.tokens, known.counts) if known else (0, ())
        layers[row.layer] = LayerCounts(
            layer=row.layer,
            name=row.name,
            tokens=tokens + row.tokens,
            counts=tuple(map(sum, zip_longest(counts, row.counts, fillvalue=0))),
        )
    return [layers[layer] for layer in sorted(layers)]
