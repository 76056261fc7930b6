# SPDX-License-Identifier: Apache-2.0
"""Tables of plain text, their columns aligned."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# From so much on, a number has so many decimals; smaller ones have three.
_DECIMALS = ((100, 0), (10, 1))

Value = str | int | float | None


def text_table(header: Sequence[str], rows: Sequence[Sequence[Value]]) -> Iterator[str]:
    """Give the lines of a table; numbers stand right, None is `-`.

    Args:
        header: the names of the columns.
        rows: a value for each column.
    """
    cells = [[shown(value) for value in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(header, *cells, strict=True)]
    right = [all(not isinstance(row[place], str) for row in rows) for place in range(len(header))]
    for line in (header, *cells):
        parts = [
            text.rjust(width) if is_right else text.ljust(width)
            for text, width, is_right in zip(line, widths, right, strict=True)
        ]
        yield "  ".join(parts).rstrip()


def shown(value: Value) -> str:
    """Give a value as a person reads it: three digits that say something, thousands apart."""
    if value is None:
        return "-"
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return f"{value:,}"
    if not math.isfinite(value):
        return str(value)
    decimals = next((places for bound, places in _DECIMALS if abs(value) >= bound), 3)
    return f"{value:,.{decimals}f}"
