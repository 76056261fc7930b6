# SPDX-License-Identifier: Apache-2.0
"""A plot over time as inline SVG.

The marks are drawn in a box of 1000 by 1000 that is stretched to whatever place there is; texts
stand outside of it at places in percent, so that they keep their size on a phone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

from ..text_table import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .columns import Columns, Span

_SIDE = 1000
_HEIGHT = 170
# Room for the times below the marks.
_FOOT = 22
_TIMES = 5
# A text that has no room above its line stands below it.
_BELOW = 12
_STEPS = (1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8)
# A limit this many times above everything else would leave no room for it.
_FAR = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """What is drawn in one colour.

    Attributes:
        name: what the legend says.
        style: the class of its colour.
        values: for each column a number, or least, middle and greatest; None where nothing was.
        bars: filled from the base, instead of a dash at the value.
        on: the series that these bars stand on.
    """

    name: str
    style: str
    values: Sequence[float | Span | None]
    bars: bool = False
    on: Series | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A plot.

    Attributes:
        name: a word for the page's script, unlike that of any other plot.
        title: what is shown.
        unit: of the values.
        columns: of time.
        series: what is drawn.
        limits: lines across, by their names.
        notes: what a reader must know.
        least: how far up the scale goes at least.
    """

    name: str
    title: str
    unit: str
    columns: Columns
    series: Sequence[Series]
    limits: dict[str, float] = field(default_factory=dict)
    notes: str = ""
    least: float = 0.0

    def data(self) -> dict[str, Any]:
        """Give what the page's script says of a column."""
        series = [
            {"name": series.name, "values": [_rounded(value) for value in series.values]}
            for series in self.series
        ]
        return {"unit": self.unit, "series": series}

    def figure(self) -> str:
        """Give the figure: title, legend, plot, and a place for what the script says."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        scale = Scale.of(self)
        legend = [
            f'<li><i class="{escape(series.style)}"></i>{escape(series.name)}</li>'
            for series in self.series
        ]
        for name, limit in self.limits.items():
            beyond = "" if limit <= scale.top else ", above this plot"
            legend.append(f'<li><i class="limit"></i>{escape(name)} {shown(limit)}{beyond}</li>')
        kind = ", logarithmic" if scale.logarithmic else ""
        yield f'<figure class="plot" data-plot="{self.name}">'
        yield f"<figcaption>{escape(self.title)} <small>{escape(self.unit + kind)}</small>"
        yield f"<p>{escape(self.notes)}</p></figcaption>" if self.notes else "</figcaption>"
        yield f'<ul class="legend">{"".join(legend)}</ul>'
        label = f"{self.title}. Arrow keys move through time, Escape leaves."
        height = _HEIGHT + _FOOT
        yield (
            f'<svg class="time" role="img" tabindex="0" width="100%" height="{height}"'
            f' aria-label="{escape(label)}">'
        )
        for value in scale.ticks():
            y = _at(scale, value)
            yield f'<line class="grid" x1="0" x2="100%" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield (
            f'<svg width="100%" height="{_HEIGHT}" viewBox="0 0 {_SIDE} {_SIDE}"'
            ' preserveAspectRatio="none" aria-hidden="true">'
        )
        for series in self.series:
            yield from self._marks(series, scale)
        for limit in self.limits.values():
            if limit <= scale.top:
                yield f'<path class="limit line" d="M0 {scale.place(limit):.0f}H{_SIDE}"/>'
        yield "</svg>"
        yield from self._labels(scale)
        yield f'<line class="cursor" y1="0" y2="{_HEIGHT}" visibility="hidden"/>'
        yield "</svg>"
        yield '<output class="readout"></output>'
        yield "</figure>"

    def _labels(self, scale: Scale) -> Iterator[str]:
        """Write the values of the scale, and the times."""
        for value in scale.ticks():
            y = _at(scale, value)
            yield f'<text x="2" y="{y + (_BELOW if y < _BELOW else -3):.1f}">{value:,g}</text>'
        for number in range(_TIMES):
            part = number / (_TIMES - 1)
            anchor = {0: "start", _TIMES - 1: "end"}.get(number, "middle")
            y = _HEIGHT + _FOOT - 6
            yield f'<text x="{part:.0%}" y="{y}" text-anchor="{anchor}">{self.columns.moment(part)}</text>'

    def _marks(self, series: Series, scale: Scale) -> Iterator[str]:
        """Draw one series in as few paths as it needs."""
        width = _SIDE / self.columns.count
        bars, dashes, ranges = [], [], []
        for number, value in enumerate(series.values):
            left = number * width
            if value is None:
                continue
            if isinstance(value, tuple):
                low, middle, high = (scale.place(one) for one in value)
                ranges.append(f"M{left + width / 2:.1f} {low:.0f}V{high:.0f}")
                dashes.append(f"M{left:.1f} {middle:.0f}h{width:.1f}")
            elif series.bars:
                base = (series.on.values[number] if series.on else None) or 0
                bottom = float(base) if not isinstance(base, tuple) else 0.0
                y, foot = scale.place(bottom + value), scale.place(bottom)
                bars.append(f"M{left:.1f} {foot:.0f}V{y:.0f}h{width:.1f}V{foot:.0f}z")
            else:
                dashes.append(f"M{left:.1f} {scale.place(value):.0f}h{width:.1f}")
        for kind, parts in (("bar", bars), ("range", ranges), ("dash", dashes)):
            if parts:
                yield f'<path class="{kind} {escape(series.style)}" d="{"".join(parts)}"/>'


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Where values stand.

    Attributes:
        top: the value at the upper edge.
        bottom: the value at the lower edge; 0 unless the scale is logarithmic.
    """

    top: float
    bottom: float = 0.0

    @classmethod
    def of(cls, plot: Plot) -> Scale:
        """Choose a scale: logarithmic where the greatest value would press all others down."""
        spans = [value for one in plot.series for value in one.values if isinstance(value, tuple)]
        if spans:
            low, high = min(span[0] for span in spans), max(span[2] for span in spans)
            middle = sorted(span[1] for span in spans)[len(spans) // 2]
            if low > 0 and high > 20 * middle:
                return cls(
                    top=10.0 ** math.ceil(math.log10(high)),
                    bottom=10.0 ** math.floor(math.log10(low)),
                )
            return cls(top=_round_up(high))
        high = max(_heights(plot), default=0.0)
        near = [limit for limit in plot.limits.values() if limit <= _FAR * high]
        return cls(top=_round_up(max([high, *near, plot.least])))

    @property
    def logarithmic(self) -> bool:
        """Whether each step up is ten times the one before."""
        return self.bottom > 0

    def place(self, value: float) -> float:
        """Give where a value stands: 0 at the upper edge, 1000 at the lower."""
        if self.logarithmic:
            whole = math.log10(self.top / self.bottom)
            part = math.log10(max(value, self.bottom) / self.bottom) / whole
        else:
            part = value / self.top
        return _SIDE * (1 - min(max(part, 0.0), 1.0))

    def ticks(self) -> list[float]:
        """Give the values that get a line."""
        if not self.logarithmic:
            return [0.0, self.top / 2, self.top]
        decades = round(math.log10(self.top / self.bottom))
        return [self.bottom * 10**number for number in range(decades + 1)]


def _heights(plot: Plot) -> Iterator[float]:
    """Give how high marks reach, those that stand on others included."""
    for series in plot.series:
        for number, value in enumerate(series.values):
            if value is not None and not isinstance(value, tuple):
                base = (series.on.values[number] if series.on else None) or 0.0
                yield value + (base if not isinstance(base, tuple) else 0.0)


def _round_up(value: float) -> float:
    """Give the next round number that leaves some room, and has a round half."""
    if value <= 0:
        return 1.0
    room = value * 1.03
    power = 10.0 ** math.floor(math.log10(room))
    return next((step * power for step in _STEPS if room <= step * power), 10 * power)


def _at(scale: Scale, value: float) -> float:
    """Give the height at which a value stands, from the top."""
    return scale.place(value) * _HEIGHT / _SIDE


def _rounded(value: float | Span | None) -> Any:  # noqa: ANN401 - a number, three, or None
    """Give values as short as the page needs them."""
    if isinstance(value, tuple):
        return [float(f"{one:.4g}") for one in value]
    return None if value is None else float(f"{value:.6g}")
