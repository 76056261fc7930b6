# SPDX-License-Identifier: Apache-2.0
"""Write a session's tables as Parquet, one file for each, through pyarrow."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from ..tables import TABLES
from .failure import UsageError
from .writing import whole_files

if TYPE_CHECKING:
    from pathlib import Path

    from ..tables import Column
    from .session import Session


def export_parquet(session: Session, folder: Path, *, force: bool) -> dict[str, int]:
    """Write `<table>.parquet` for every table, those without rows included.

    To each table's own columns come `role`, `rank` and `pid` of the process that wrote the row. The
    files' metadata says the session's name and when it began.

    Args:
        session: with all tables.
        folder: where to; made if it is not there.
        force: replace files that are there.

    Returns:
        the files that were written, and their rows.

    Raises:
        UsageError: pyarrow is not there, or a file is and `force` is not given.
        UnwritableError: the folder or a file cannot be written.
    """
    try:
        arrow = importlib.import_module("pyarrow")
        parquet = importlib.import_module("pyarrow.parquet")
    except ImportError as error:
        raise UsageError(
            f"Parquet needs pyarrow, which cannot be imported: {error}",
            next_step="`pip install pyarrow`, or export --csv, which needs nothing",
        ) from error
    written = {}
    names = {table: f"{table}.parquet" for table in TABLES}
    with whole_files(folder, names.values(), force=force) as paths:
        for table, name in names.items():
            parquet.write_table(_table(arrow, session, table), paths[name])
            written[name] = len(session.rows(table))
    return written


def _table(arrow: Any, session: Session, table: str) -> Any:  # noqa: ANN401 - pyarrow has no types
    """Make one table, typed as the session's own."""
    rows = session.rows(table)
    own = [(column.name, _kind(arrow, column), column.optional) for column in TABLES[table]]
    values = {name: [getattr(row, name) for row in rows] for name, _, _ in own}
    if table != "process":
        owners = [session.processes[row.process] for row in rows]
        text, number = arrow.string(), arrow.int64()
        own += [("role", text, False), ("rank", number, True), ("pid", number, False)]
        values["role"] = [owner.role for owner in owners]
        # The rank of a forward pass is in its own row.
        values.setdefault("rank", [owner.rank for owner in owners])
        values["pid"] = [owner.pid for owner in owners]
    fields = {
        name: arrow.field(name, kind, nullable=optional) for name, kind, optional in reversed(own)
    }
    ordered = [fields[name] for name in dict.fromkeys(name for name, _, _ in own)]
    metadata = {"session": session.name, "started_ns": str(session.started_ns), "table": table}
    schema = arrow.schema(ordered, metadata=metadata)
    return arrow.table({name: values[name] for name in schema.names}, schema=schema)


def _kind(arrow: Any, column: Column) -> Any:  # noqa: ANN401
    kinds = {
        "int": arrow.int64(),
        "float": arrow.float64(),
        "str": arrow.string(),
        "bool": arrow.bool_(),
        "ints": arrow.list_(arrow.int64()),
        "floats": arrow.list_(arrow.float64()),
    }
    return kinds[column.kind]
