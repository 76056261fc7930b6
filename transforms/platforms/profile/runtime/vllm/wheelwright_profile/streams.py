# SPDX-License-Identifier: Apache-2.0
"""A process's stream: a file that grows by whole records, as Arrow or as JSON lines.

Arrow (`.arrow`, where pyarrow can be imported): complete IPC streams, one after the other. Each
holds one table's rows of one flush: a schema, one record batch, the end marker. The schema's
metadata says the `table`, and the batch's length in `bytes` and its `crc32`, so that a reader finds
the next one behind a damaged one.

JSON lines (`.jsonl`): a row a line, `{"table": "steps", "time_ns": 1, ...}`. A float that JSON has
no number for is a text: `"NaN"`, `"Infinity"`, `"-Infinity"`.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import zlib
from typing import TYPE_CHECKING, Any, Protocol

from .json_texts import json_texts
from .tables import TABLES, checked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from .tables import Row

# What ends an IPC stream.
END = b"\xff\xff\xff\xff\x00\x00\x00\x00"


class Encoder(Protocol):
    """Makes a record's bytes of rows."""

    suffix: str

    def encode(self, table: str, rows: Sequence[Row]) -> bytes:
        """Give the bytes of some rows of one table.

        Raises:
            Exception: a row is not as its table says.
        """


class JsonLines:
    """The format that needs nothing."""

    suffix = ".jsonl"

    def __init__(self) -> None:
        """Prepare a line of each table, with places for its values."""
        self._lines = {}
        for table, columns in TABLES.items():
            fields = "".join(f',"{column.name}":%s' for column in columns)
            self._lines[table] = f'{{"table":"{table}"{fields}}}\n'

    def encode(self, table: str, rows: Sequence[Row]) -> bytes:
        """Give a line for each row."""
        line, columns = self._lines[table], TABLES[table]
        texts = [
            json_texts(column, values)
            for column, values in zip(columns, zip(*rows, strict=True), strict=True)
        ]
        return "".join(map(line.__mod__, zip(*texts, strict=True))).encode("ascii")


class Arrow:
    """The format for who has pyarrow: smaller, and read as columns."""

    suffix = ".arrow"

    def __init__(self, pyarrow: Any) -> None:  # noqa: ANN401 - a module without types
        self._pyarrow = pyarrow
        self._schemas = {table: arrow_schema(pyarrow, table) for table in TABLES}

    def encode(self, table: str, rows: Sequence[Row]) -> bytes:
        """Give one IPC stream."""
        schema = self._schemas[table]
        columns = list(zip(*rows, strict=True))
        if len(columns) != len(schema):
            raise ValueError(f"a row of {table!r} has {len(schema)} values, not {len(columns)}")
        arrays = [
            self._pyarrow.array(values, type=field.type)
            for values, field in zip(columns, schema, strict=True)
        ]
        for array, field in zip(arrays, schema, strict=True):
            is_list = self._pyarrow.types.is_list(field.type)
            if (array.null_count and not field.nullable) or (
                is_list and array.flatten().null_count
            ):
                raise ValueError(f"{table}.{field.name} has no value")
        batch = self._pyarrow.record_batch(arrays, schema=schema)
        body = batch.serialize().to_pybytes()
        labels = {"table": table, "bytes": str(len(body)), "crc32": str(zlib.crc32(body))}
        head = schema.with_metadata(labels).serialize().to_pybytes()
        record: bytes = head + body + END
        return record


def arrow_schema(pyarrow: Any, table: str) -> Any:  # noqa: ANN401
    """Give a table's schema for Arrow, without metadata."""
    kinds = {
        "int": pyarrow.int64(),
        "float": pyarrow.float64(),
        "str": pyarrow.string(),
        "bool": pyarrow.bool_(),
        "ints": pyarrow.list_(pyarrow.int64()),
        "floats": pyarrow.list_(pyarrow.float64()),
    }
    return pyarrow.schema(
        [
            pyarrow.field(column.name, kinds[column.kind], nullable=column.optional)
            for column in TABLES[table]
        ]
    )


def chosen_encoder(trouble: Callable[[str, Exception], None]) -> Encoder:
    """Give Arrow where pyarrow can be imported, else JSON lines.

    Args:
        trouble: is told of a pyarrow that is there and of no use.
    """
    try:
        import pyarrow as pa  # noqa: PLC0415 - never before something is written

        return Arrow(pa)
    except ImportError:
        return JsonLines()
    except Exception as error:  # noqa: BLE001 - whatever is wrong with it
        trouble("pyarrow cannot be used, so JSON lines are written", error)
        return JsonLines()


def encoded(
    encoder: Encoder,
    batches: Mapping[str, Sequence[Row]],
    refused: Callable[[str, ValueError], None],
) -> bytes:
    """Give the bytes of several tables' rows.

    Args:
        encoder: of the stream's format.
        batches: the rows of each table.
        refused: is called for each row that is not as its table says; the others are written.
    """
    parts = []
    for table, rows in batches.items():
        try:
            parts.append(encoder.encode(table, rows))
        except Exception:  # noqa: BLE001 - whatever it is, it is one row's
            good = []
            for row in rows:
                try:
                    good.append(checked(table, row))
                except ValueError as error:
                    refused(table, error)
            if good:
                parts.append(encoder.encode(table, good))
    return b"".join(parts)


class StreamFile:
    """An open file that ends with a whole record, whatever becomes of a write.

    Attributes:
        path: the file.
    """

    def __init__(self, folder: Path, stem: str, suffix: str) -> None:
        """Make the file; if the name is taken (a process id come round again), with a number.

        Raises:
            OSError: it cannot be made.
        """
        self._size = 0
        self._is_whole = True
        for number in itertools.count(1):
            self.path = folder / f"{stem}{f'.{number}' if number > 1 else ''}{suffix}"
            with contextlib.suppress(FileExistsError):
                self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
                return

    def append(self, data: bytes) -> None:
        """Write records; if that fails in the middle, the file is cut back to what was whole.

        Raises:
            OSError: it cannot be written.
        """
        written = 0
        view = memoryview(data)
        try:
            while written < len(data):
                written += os.pwrite(self._file, view[written:], self._size + written)
        except BaseException:
            self._is_whole = False
            os.ftruncate(self._file, self._size)
            self._is_whole = True
            raise
        self._size += written

    def is_gone(self) -> bool:
        """Tell whether the file was removed, or ends with half a record that stayed."""
        return not self._is_whole or not os.fstat(self._file).st_nlink

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def discard(self) -> None:
        """Close the file and remove it."""
        self.close()
        self.path.unlink()
