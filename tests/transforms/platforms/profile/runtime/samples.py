"""Rows for every table, and streams and sessions made of them."""

from __future__ import annotations

import importlib
import io
import threading
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import ModuleType

SESSION = "session_20261121_110514_0badcafe"

_INTS = st.integers(-(2**63), 2**63 - 1)
_TEXTS = st.text(st.characters(blacklist_categories=["Cs"]), max_size=12)
_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "int": _INTS,
    "float": st.floats(allow_nan=False),
    "str": _TEXTS,
    "bool": st.booleans(),
    "ints": st.lists(_INTS, max_size=4),
    "floats": st.lists(st.floats(allow_nan=False), max_size=4),
}


def part(package: ModuleType, name: str) -> Any:  # noqa: ANN401 - modules of a fresh package
    """Give a module of the loaded package."""
    return importlib.import_module(f"{package.__name__}.{name}")


def rows(columns: Sequence[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    """Give rows of a table with these columns."""
    return st.tuples(
        *(
            st.one_of(st.none(), _VALUES[column.kind]) if column.optional else _VALUES[column.kind]
            for column in columns
        )
    )


def batches(package: ModuleType) -> st.SearchStrategy[list[tuple[str, list[tuple[Any, ...]]]]]:
    """Give what a process may write: tables with rows, one after the other."""
    tables = part(package, "tables").TABLES
    return st.lists(
        st.sampled_from(sorted(tables)).flatmap(
            lambda table: st.tuples(
                st.just(table), st.lists(rows(tables[table]), min_size=1, max_size=3)
            )
        ),
        max_size=4,
    )


def encoder(package: ModuleType, suffix: str) -> Any:  # noqa: ANN401
    """Give the encoder of a format."""
    streams = part(package, "streams")
    if suffix == ".jsonl":
        return streams.JsonLines()
    return streams.Arrow(importlib.import_module("pyarrow"))


def records(
    package: ModuleType, data: bytes, suffix: str, table: str | None = None
) -> tuple[list[tuple[str, dict[str, Any]]], list[str]]:
    """Read a stream's bytes: the records, and what is said of it."""
    name = "json" if suffix == ".jsonl" else "arrow"
    reader = getattr(part(package, f"{name}_records"), f"{name}_records")
    notes: list[str] = []
    return list(reader(io.BytesIO(data), table, notes.append)), notes


def as_read(package: ModuleType, written: Any) -> list[tuple[str, dict[str, Any]]]:  # noqa: ANN401
    """Give batches as records that were read."""
    tables = part(package, "tables").TABLES
    return [
        (table, dict(zip([column.name for column in tables[table]], row, strict=True)))
        for table, those in written
        for row in those
    ]


def only_session(folder: Path) -> Path:
    """Give the one session in a folder."""
    (session,) = folder.iterdir()
    return session


def read_table(package: ModuleType, folder: Path, table: str) -> list[dict[str, Any]]:
    """Read a table of the one session in a folder, of which nothing is damaged."""
    session = part(package, "reading").read_session(only_session(folder))
    rows = list(session.rows(table))
    assert session.notes == []
    return rows


def flush_threads() -> list[str]:
    """Give the threads that write."""
    return [item.name for item in threading.enumerate() if item.name == "wheelwright_profile"]
