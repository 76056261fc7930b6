# SPDX-License-Identifier: Apache-2.0
"""Read a stream of Arrow records: see `streams` for the format."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from .streams import END, arrow_schema
from .tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .tables import Record

_BEGIN = b"\xff\xff\xff\xff"
_PREFIX = struct.Struct("<4si")  # the mark, and how long the message after it is
_LONGEST_HEAD = 1 << 16
_CHUNK = 1 << 20


class _DamagedError(Exception):
    """What stands here is no whole record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """The begin of a record: what is in it, and where.

    Attributes:
        table: whose rows.
        schema: as pyarrow has it.
        body: the offset of the batch.
        length: of the batch, in bytes.
        crc32: of the batch.
    """

    table: str
    schema: Any
    body: int
    length: int
    crc32: int


def arrow_records(
    file: BinaryIO, table: str | None, note: Callable[[str], None]
) -> Iterator[Record]:
    """Give the rows of a stream.

    Args:
        file: at its start.
        table: only this one's rows, and only these are checked; None for all.
        note: is told what is cut off or damaged; the rows around it are given.
    """
    import pyarrow as pa  # noqa: PLC0415 - the package must be importable without it

    size = file.seek(0, 2)
    offset = 0
    while offset < size:
        try:
            head = _head(pa, file, offset, size)
        except _DamagedError as error:
            offset = _skip(pa, file, offset, size, error, note)
            continue
        end = head.body + head.length
        if table not in {None, head.table} and _read(file, end, len(END)) == END:
            offset = end + len(END)
            continue
        try:
            batch = _batch(pa, file, head)
        except _DamagedError as error:
            if _read(file, end, len(END)) == END:
                note(f"{head.table} rows at byte {offset} are damaged and left out: {error}")
                offset = end + len(END)
            else:
                offset = _skip(pa, file, offset, size, error, note)
            continue
        if table in {None, head.table}:
            for row in batch.to_pylist():
                yield head.table, row
        if _read(file, end, len(END)) == END:
            offset = end + len(END)
        else:
            offset = end  # its rows are whole; what follows is judged by itself
            if end == size:
                note(f"ends in the middle of a record, at byte {end}: it has no end mark")


def _head(pa: Any, file: BinaryIO, offset: int, size: int) -> _Head:  # noqa: ANN401
    prefix = _read(file, offset, _PREFIX.size)
    if len(prefix) < _PREFIX.size:
        raise _DamagedError("no record begins here")
    mark, length = _PREFIX.unpack(prefix)
    if mark != _BEGIN or not 0 < length <= _LONGEST_HEAD:
        raise _DamagedError("no record begins here")
    message = _read(file, offset, _PREFIX.size + length)
    if len(message) < _PREFIX.size + length:
        raise _DamagedError("its schema is not whole")
    try:
        schema = pa.ipc.read_schema(pa.py_buffer(message))
        labels = {key.decode(): value.decode() for key, value in (schema.metadata or {}).items()}
        head = _Head(
            table=labels["table"],
            schema=schema,
            body=offset + len(message),
            length=int(labels["bytes"]),
            crc32=int(labels["crc32"]),
        )
    except (pa.ArrowException, OSError, KeyError, ValueError) as error:
        raise _DamagedError("its schema is damaged") from error
    if head.table not in TABLES or not schema.equals(arrow_schema(pa, head.table)):
        raise _DamagedError(f"it is not as the table {head.table!r} is")
    if not 0 <= head.length <= size - head.body:
        raise _DamagedError("it is not whole")
    return head


def _batch(pa: Any, file: BinaryIO, head: _Head) -> Any:  # noqa: ANN401
    body = _read(file, head.body, head.length)
    if zlib.crc32(body) != head.crc32:
        raise _DamagedError("its checksum is another")
    return pa.ipc.read_record_batch(pa.py_buffer(body), head.schema)


def _skip(  # noqa: PLR0913, PLR0917 - all of what the loop knows
    pa: Any,  # noqa: ANN401
    file: BinaryIO,
    offset: int,
    size: int,
    error: _DamagedError,
    note: Callable[[str], None],
) -> int:
    """Find the next whole begin of a record behind a damaged one; the size where there is none."""
    following = _next(pa, file, offset, size)
    if following < size:
        note(f"bytes {offset} to {following} are damaged and left out: {error}")
    else:
        note(f"ends in the middle of a record, at byte {offset}: {error}")
    return following


def _next(pa: Any, file: BinaryIO, offset: int, size: int) -> int:  # noqa: ANN401
    start = offset + 1
    while start < size:
        chunk = _read(file, start, _CHUNK)
        found = chunk.find(_BEGIN)
        while found >= 0:
            try:
                _head(pa, file, start + found, size)
            except _DamagedError:
                found = chunk.find(_BEGIN, found + 1)
            else:
                return start + found
        # A mark may stand across two chunks.
        start += max(len(chunk) - len(_BEGIN) + 1, 1)
    return size


def _read(file: BinaryIO, offset: int, length: int) -> bytes:
    file.seek(offset)
    return file.read(length)
