# SPDX-License-Identifier: Apache-2.0
"""Read a stream of JSON lines: see `streams` for the format."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, BinaryIO

from .tables import PLAIN_TYPES, TABLES, checked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .tables import Column, Record

_NAMED = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


def json_records(
    file: BinaryIO, table: str | None, note: Callable[[str], None]
) -> Iterator[Record]:
    """Give the rows of a stream.

    Args:
        file: at its start.
        table: only this one's rows; None for all.
        note: is told what is cut off or damaged; the rows around it are given.
    """
    # The writer puts the table first, so that lines of other tables need not be parsed.
    others = tuple(b'{"table":"%s",' % name.encode() for name in TABLES if name != table)
    offset = 0
    for number, line in enumerate(file, start=1):
        start, offset = offset, offset + len(line)
        if table is not None and line.startswith(others) and line.endswith(b"}\n"):
            continue
        try:
            name, row = _row(line)
        except (ValueError, RecursionError) as error:
            if line.endswith(b"\n"):
                note(f"line {number} is damaged and left out: {error}")
            else:
                note(f"ends in the middle of line {number}, at byte {start}")
            continue
        if table in {None, name}:
            yield name, row


def _row(line: bytes) -> Record:
    fields: Any = json.loads(line.decode())
    if not isinstance(fields, dict):
        raise ValueError("it is no row")  # noqa: TRY004 - as what cannot be parsed
    name = fields.pop("table", None)
    if not isinstance(name, str) or name not in TABLES:
        raise ValueError(f"no table {name!r}")
    columns = TABLES[name]
    names = [column.name for column in columns]
    if list(fields) != names:
        raise ValueError(f"a row of {name!r} has not these columns: {', '.join(fields)}")
    if tuple(map(type, fields.values())) in PLAIN_TYPES.get(name, ()):
        return name, fields
    values = [_number(column, fields[column.name]) for column in columns]
    return name, dict(zip(names, checked(name, values), strict=True))


def _number(column: Column, value: Any) -> Any:  # noqa: ANN401 - it is what the file has
    """Give the float that a name stands for, where the column has floats."""
    if column.kind == "floats" and isinstance(value, list):
        return [_NAMED.get(item, item) if isinstance(item, str) else item for item in value]
    if column.kind == "float" and isinstance(value, str):
        return _NAMED.get(value, value)
    return value
