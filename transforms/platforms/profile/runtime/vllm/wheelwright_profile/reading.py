# SPDX-License-Identifier: Apache-2.0
"""Read a session back, row by row, and say what of it is cut off or damaged.

A stream may end in the middle of a record: its process was killed, or is still running. That is
never an error; `Session.notes` says it. Rows are read as they are asked for, never all at once.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .arrow_records import arrow_records
from .json_records import json_records
from .session import METADATA
from .settings import started_ns
from .tables import SCHEMA, TABLES

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    from .tables import Record

_READERS = {".arrow": arrow_records, ".jsonl": json_records}
_STREAM = re.compile(
    r"(?P<role>[a-z_]+)(-dp[0-9]+)?(-(?P<rank>[0-9]+))?-(?P<pid>[0-9]+)(\.[0-9]+)?"
    r"(?P<suffix>\.arrow|\.jsonl)"
)
_FEW = 20  # notes of one stream, before they are only counted


class SessionError(Exception):
    """There is no session, or none that this can read."""


@dataclass(slots=True)
class Notes:
    """What is to be said of the files that were read; each thing once."""

    _said: dict[str, None] = field(default_factory=dict)

    def add(self, text: str) -> None:
        """Say a thing, unless it was said."""
        self._said[text] = None

    def texts(self) -> list[str]:
        """Give all of them, in the order they were found in."""
        return list(self._said)


@dataclass(frozen=True, kw_only=True)
class Stream:
    """What one process recorded.

    Attributes:
        path: the file.
        role: what the process was: `main`, `engine_core`, `worker`.
        rank: its rank, if it had one.
        pid: its process id.
    """

    path: Path
    role: str
    rank: int | None
    pid: int
    notes: Notes = field(repr=False, compare=False)

    @cached_property
    def process(self) -> dict[str, Any]:
        """Its row of the table `process`; empty if it was killed before that was written."""
        return next(self.rows("process"), {})

    def records(self, table: str | None = None) -> Iterator[Record]:
        """Give the table's name and the row of each record, in the order they were written in.

        Args:
            table: only this one's.
        """
        found = 0

        def note(text: str) -> None:
            nonlocal found
            found += 1
            if found <= _FEW:
                self.notes.add(f"{self.path.name}: {text}")

        reader = _READERS[self.path.suffix]
        try:
            with self.path.open("rb") as file:
                yield from reader(file, table, note)
        except OSError as error:
            note(f"cannot be read: {error}")
        if found > _FEW:
            found, more = 0, found - _FEW
            note(f"and {more} more of the kind")

    def rows(self, table: str) -> Iterator[dict[str, Any]]:
        """Give the rows of one table."""
        return (row for _, row in self.records(table))


@dataclass(frozen=True, kw_only=True)
class Session:
    """One session: a folder of streams.

    Attributes:
        folder: where it is.
        name: `session_<time>_<id>`.
        started_ns: when it began, in ns since the epoch; the times of all rows are such.
        metadata: what `metadata.json` says; empty where there is none.
        streams: of each process.
    """

    folder: Path
    name: str
    started_ns: int
    metadata: dict[str, Any]
    streams: tuple[Stream, ...]
    _notes: Notes = field(repr=False, compare=False)

    def rows(self, table: str) -> Iterator[dict[str, Any]]:
        """Give the rows of one table, stream by stream, each with its columns by name.

        Raises:
            ValueError: there is no such table.
        """
        if table not in TABLES:
            raise ValueError(f"no table {table!r}")
        return (row for stream in self.streams for row in stream.rows(table))

    @property
    def notes(self) -> list[str]:
        """What is cut off or damaged in the files, as far as rows were asked for until now."""
        return self._notes.texts()


def find_session(folder: str | os.PathLike[str]) -> Path:
    """Give the folder of a session: this one, or the newest in it.

    Raises:
        SessionError: there is none.
    """
    path = Path(folder).absolute()
    if _is_session(path):
        return path
    try:
        found = [item for item in path.iterdir() if _is_session(item)]
    except OSError as error:
        raise SessionError(f"{path} cannot be read: {error}") from error
    if not found:
        raise SessionError(
            f"no session in {path}: an engine that runs with VLLM_ENABLE_PROFILING=1 makes one "
            "in VLLM_PROFILING_DIR"
        )
    return max(found, key=lambda item: (item.name, item.stat().st_mtime_ns))


def read_session(path: str | os.PathLike[str]) -> Session:
    """Open a session; its rows are read when they are asked for.

    Args:
        path: the session's folder, or the folder that sessions are in: the newest, then.

    Raises:
        SessionError: there is none, or it is one that this version cannot read.
    """
    folder = find_session(path)
    notes = Notes()
    metadata = _metadata(folder / METADATA, notes)
    name = str(metadata.get("session", folder.name))
    streams = tuple(_streams(folder, notes))
    if not streams:
        notes.add("no process has recorded anything")
    if any(stream.path.suffix == ".arrow" for stream in streams):
        _require_pyarrow()
    for stream in streams:
        if not stream.process:
            notes.add(f"{stream.path.name}: does not say whose it is")
    return Session(
        folder=folder,
        name=name,
        started_ns=_started(metadata, name, streams),
        metadata=metadata,
        streams=streams,
        _notes=notes,
    )


def _is_session(folder: Path) -> bool:
    try:
        started_ns(folder.name)
    except ValueError:
        return (folder / METADATA).is_file()
    return folder.is_dir()


def _metadata(path: Path, notes: Notes) -> dict[str, Any]:
    try:
        metadata = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        notes.add(f"{METADATA} is missing")
        return {}
    except (OSError, ValueError) as error:
        raise SessionError(f"{path} cannot be read: {error}") from error
    if not isinstance(metadata, dict):
        raise SessionError(f"{path} is no session's metadata")
    schema = metadata.get("schema")
    if schema != SCHEMA:
        wrote = f"vLLM {metadata.get('vllm') or '?'}, wheel {metadata.get('wheel') or '?'}"
        raise SessionError(
            f"{path} has schema {schema!r}, and this reads {SCHEMA}: read it where it was recorded"
            f" ({wrote})"
        )
    return metadata


def _streams(folder: Path, notes: Notes) -> Iterator[Stream]:
    for path in sorted(folder.iterdir()):
        found = _STREAM.fullmatch(path.name)
        if found:
            yield Stream(
                path=path,
                role=found["role"],
                rank=None if found["rank"] is None else int(found["rank"]),
                pid=int(found["pid"]),
                notes=notes,
            )


def _started(metadata: dict[str, Any], name: str, streams: tuple[Stream, ...]) -> int:
    if isinstance(metadata.get("started_ns"), int):
        return int(metadata["started_ns"])
    try:
        return started_ns(name)
    except ValueError:
        return min((stream.process["time_ns"] for stream in streams if stream.process), default=0)


def _require_pyarrow() -> None:
    try:
        import pyarrow as pa  # noqa: F401, PLC0415 - the package must be importable without it
    except ImportError as error:
        raise SessionError(
            f"the session has .arrow streams, and pyarrow cannot be imported ({error}): "
            "install pyarrow in the Python that reads them"
        ) from error
