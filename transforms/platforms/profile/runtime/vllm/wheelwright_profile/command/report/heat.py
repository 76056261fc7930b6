# SPDX-License-Identifier: Apache-2.0
"""The load of each expert of each layer, as a map of colours."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..experts import LayerCounts

# A cell's colour by its load over an even load, up to these; the last has no bound.
BOUNDS = (0.25, 0.5, 0.8, 1.25, 2.0, 4.0)
_WORDS = ("idle", "< ¼", "< ½", "< 0.8", "even", "> 1.25", "> 2", "> 4")
# More cells than this are pooled: neighbouring experts become one column.
_CELLS = 40_000
_ROW, _LEAST, _MOST = 18, 72, 900


class HeatMap:
    """A row for each layer, a column for each expert."""

    def __init__(self, layers: Sequence[LayerCounts]) -> None:
        """Take the layers' counts."""
        self._layers = layers
        experts = max(len(layer.counts) for layer in layers)
        self.pool = -(-len(layers) * experts // _CELLS)
        self._rows = [_pooled(layer.counts, self.pool) for layer in layers]
        self._width = max(map(len, self._rows))

    def data(self) -> dict[str, Any]:
        """Give what the page's script says of a cell."""
        return {
            "pool": self.pool,
            "layers": [layer.layer for layer in self._layers],
            "names": [layer.name for layer in self._layers],
            "counts": self._rows,
        }

    def figure(self) -> str:
        """Give the figure."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        words = "".join(
            f'<li><i class="h{level}"></i>{escape(word)}</li>' for level, word in enumerate(_WORDS)
        )
        pooled = f", {self.pool} neighbours together" if self.pool > 1 else ""
        notes = "Each row is a layer, the first on top; colours are the load over an even load."
        yield '<figure class="plot" data-plot="experts">'
        yield f"<figcaption>Load of each expert <small>by layer{pooled}</small><p>{notes}</p>"
        yield f'</figcaption><ul class="legend">{words}</ul>'
        height = min(max(_ROW * len(self._rows), _LEAST), _MOST)
        label = "Load of each expert, by layer. Arrow keys move, Escape leaves."
        yield (
            f'<svg class="heat" role="img" tabindex="0" width="100%" height="{height}"'
            f' viewBox="0 0 {self._width} {len(self._rows)}" preserveAspectRatio="none"'
            f' aria-label="{label}">'
        )
        for level, cells in sorted(self._cells().items()):
            yield f'<path class="h{level}" d="{"".join(cells)}"/>'
        yield '<rect class="cell" x="0" y="0" width="1" height="1" visibility="hidden"/>'
        yield "</svg>"
        first, last = self._layers[0].layer, self._layers[-1].layer
        yield (
            f'<p class="ends"><span>expert 0</span><span>layers {first} to {last}</span>'
            f"<span>expert {max(len(layer.counts) for layer in self._layers) - 1}</span></p>"
        )
        yield '<output class="readout"></output>'
        yield "</figure>"

    def _cells(self) -> dict[int, list[str]]:
        """Give the squares of each colour."""
        cells: dict[int, list[str]] = {}
        for y, row in enumerate(self._rows):
            even = sum(row) / len(row)
            for x, count in enumerate(row):
                cells.setdefault(level(count, even), []).append(f"M{x} {y}h1v1h-1z")
        return cells


def level(count: int, even: float) -> int:
    """Give a cell's colour: 0 where nothing came, then one up for each bound that is passed."""
    if not count:
        return 0
    return 1 + sum(count / even >= bound for bound in BOUNDS)


def _pooled(counts: Sequence[int], pool: int) -> list[int]:
    return [sum(counts[place : place + pool]) for place in range(0, len(counts), pool)]
