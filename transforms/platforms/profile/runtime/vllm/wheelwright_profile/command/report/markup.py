# SPDX-License-Identifier: Apache-2.0
"""Pieces of HTML; every text from outside goes through `escape`."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from ..text_table import Value, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence


def facts(pairs: Mapping[str, Value]) -> str:
    """Give a few figures with their names."""
    items = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(shown(value))}</dd></div>"
        for name, value in pairs.items()
    )
    return f'<dl class="facts">{items}</dl>'


def table(header: Sequence[str], rows: Iterable[Sequence[Value]], bar: int | None = None) -> str:
    """Give a table that scrolls sideways where it must.

    Args:
        header: the names of the columns.
        rows: a value for each column.
        bar: the column whose values are drawn as bars, too, in a further column behind it.
    """
    rows = [list(row) for row in rows]
    texts = [any(isinstance(row[place], str) for row in rows) for place in range(len(header))]
    names = [escape(name) for name in header]
    cells = [[escape(shown(value)) for value in row] for row in rows]
    if bar is not None:
        names.insert(bar + 1, '<span class="hidden">as a bar</span>')
        texts.insert(bar + 1, True)
        values = [row[bar] for row in rows]
        most = max((value for value in values if isinstance(value, (int, float))), default=0)
        for line, value in zip(cells, values, strict=True):
            line.insert(bar + 1, _bar(value, most))
    kinds = [' class="text"' if text else "" for text in texts]
    head = "".join(
        f'<th scope="col"{kind}>{name}</th>' for kind, name in zip(kinds, names, strict=True)
    )
    lines = [
        "".join(f"<td{kind}>{cell}</td>" for kind, cell in zip(kinds, line, strict=True))
        for line in cells
    ]
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    whole = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="wide" tabindex="0" role="region" aria-label="table">{whole}</div>'


def _bar(value: Value, most: float) -> str:
    part = value / most if isinstance(value, (int, float)) and most else 0.0
    return (
        f'<svg height="10" aria-hidden="true"><rect width="{part:.1%}" height="10" rx="2"/></svg>'
    )


def distributions(
    title: str, found: Mapping[str, Mapping[str, Any] | None], *, closed: bool = True
) -> str:
    """Give a table of distributions, closed until it is asked for."""
    figures = ("count", "mean", "p50", "p95", "max")
    rows = [[name, *(one[figure] for figure in figures)] for name, one in found.items() if one]
    if not rows:
        return ""
    made = table((title, *figures), rows)
    return f"<details><summary>Figures</summary>{made}</details>" if closed else made


def empty(reason: str) -> str:
    """Say that nothing was recorded, and why."""
    return f'<p class="empty">Nothing recorded: {escape(reason)}.</p>'


def section(name: str, title: str, parts: Iterable[str]) -> str:
    """Give a part of the page that can be linked to."""
    return f'<section id="{name}"><h2>{escape(title)}</h2>\n{_lines(parts)}\n</section>'


def pair(parts: Iterable[str]) -> str:
    """Put figures side by side where there is room."""
    return f'<div class="pair">{_lines(parts)}</div>'


def _lines(parts: Iterable[str]) -> str:
    return "\n".join(_some(parts))


def _some(parts: Iterable[str]) -> Iterator[str]:
    return (part for part in parts if part)
