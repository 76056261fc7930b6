"""The table of a plugin as people read it: by file, then the counts, then one line."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from transforms.importers.monkeypatch.table import counts
from transforms.importers.monkeypatch.translation.result import Became

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transforms.importers.monkeypatch.table import Row

_MARGIN = "  "
_GAP = "  "


def table_lines(rows: Sequence[Row]) -> Iterator[str]:
    """Give the lines of the table: a group for each file of the plugin, in the order of the rows.

    The counts by form and by outcome stand below the groups.

    Args:
        rows: the table.
    """
    grouped = {
        file: sorted(group, key=lambda row: row.place)
        for file, group in groupby(_by_file(rows), key=lambda row: row.place.file)
    }
    widths = [
        max((len(cells[number]) for cells in map(_cells, rows)), default=0) for number in range(3)
    ]
    for file, group in grouped.items():
        yield file
        for row in group:
            yield from _row_lines(row, widths)
        yield ""
    yield from _by_form(rows)
    yield ""
    yield from _by_outcome(rows)


def _by_file(rows: Sequence[Row]) -> list[Row]:
    """Put the rows of one file together, where the first of them stands."""
    order = list(dict.fromkeys(row.place.file for row in rows))
    return sorted(rows, key=lambda row: order.index(row.place.file))


def _cells(row: Row) -> tuple[str, str, str]:
    return str(row.place.line), row.outcome, row.form


def _row_lines(row: Row, widths: Sequence[int]) -> Iterator[str]:
    line, outcome, form = _cells(row)
    head = _GAP.join([line.rjust(widths[0]), outcome.ljust(widths[1]), form.ljust(widths[2])])
    processes = f" ({', '.join(row.processes)})" if row.processes else ""
    yield f"{_MARGIN}{head}{_GAP}{row.target}{processes}"
    below = " " * (len(_MARGIN) + widths[0] + len(_GAP))
    patch = f" in {row.patch}" if row.patch else ""
    yield f"{below}{row.what}{patch}"
    for warning in row.warnings:
        yield f"{below}warning: {warning}"
    if row.consumers:
        yield f"{below}imported by {', '.join(row.consumers)}"


def _by_form(rows: Sequence[Row]) -> Iterator[str]:
    """Give the table by form: one line for each, a column for each outcome."""
    found = counts(rows)
    lines = [["form", *found.outcomes, "all"]]
    for form, each in found.forms.items():
        lines.append([form, *(str(number) for number in each.values()), str(sum(each.values()))])
    return _aligned(lines)


def _by_outcome(rows: Sequence[Row]) -> Iterator[str]:
    found = counts(rows).outcomes
    lines = [["outcome", "all"], *([name, str(number)] for name, number in found.items())]
    lines.append(["all", str(len(rows))])
    return _aligned(lines)


def _aligned(lines: Sequence[Sequence[str]]) -> Iterator[str]:
    """Write columns: the first to the left, numbers to the right."""
    widths = [max(len(line[number]) for line in lines) for number in range(len(lines[0]))]
    for first, *rest in lines:
        cells = [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
        yield _GAP.join([first.ljust(widths[0]), *cells])


def verdict_line(package: str, release: str, rows: Sequence[Row]) -> str:
    """Say in one line what became of a plugin; what cannot be compiled is no failure of importing.

    Args:
        package: the plugin's.
        release: the vLLM version that it was compiled for.
        rows: the table.
    """
    found = counts(rows).outcomes
    patches = len({row.patch for row in rows if row.patch})
    into = f" ({_counted(patches, 'patch', 'patches')})" if patches else ""
    parts = [
        f"{name} {number}{into if name == Became.COMPILED.value else ''}"
        for name, number in found.items()
    ]
    left = found[Became.HINT.value] + found[Became.CANNOT.value]
    by_hand = f"; {_counted(left, 'is', 'are')} left to do by hand" if left else ""
    changes = _counted(len(rows), "change", "changes")
    return f"imported {package} for {release}: {changes}: {', '.join(parts)}{by_hand}"


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
