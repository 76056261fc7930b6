"""Read sessions with the standard library only: what the wheel reads them with is on trial."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

Row = dict[str, Any]
_NAME = re.compile(r"(?P<role>[a-z_]+)(-(?P<rank>\d+))?-(?P<pid>\d+)\.(?P<format>jsonl|arrow)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """The stream of one process.

    Attributes:
        path: the file.
        role: `main`, `engine_core` or `worker`.
        pid: the process.
    """

    path: Path
    role: str
    pid: int

    def lines(self) -> list[str]:
        """Give the complete lines: a line that was cut off has no end."""
        return [
            line for line in self.path.read_text().splitlines(keepends=True) if line.endswith("\n")
        ]

    def rows(self, table: str) -> list[Row]:
        """Give the rows of a table, in the order of the file."""
        rows = map(json.loads, self.lines())
        return [row for row in rows if row["table"] == table]


@dataclass(frozen=True, slots=True)
class Session:
    """A session's folder."""

    folder: Path

    def streams(self, role: str | None = None) -> list[Stream]:
        """Give the streams, those of one role if it is given."""
        streams = []
        for path in sorted(self.folder.iterdir()):
            if path.name != "metadata.json":
                found = _NAME.fullmatch(path.name)
                assert found, path
                streams.append(Stream(path=path, role=found["role"], pid=int(found["pid"])))
        return [stream for stream in streams if role in {None, stream.role}]

    def stream(self, role: str) -> Stream:
        """Give the one stream of a role."""
        (found,) = self.streams(role)
        return found

    def metadata(self) -> dict[str, Any]:
        """Give what the session says of itself."""
        said: dict[str, Any] = json.loads((self.folder / "metadata.json").read_text())
        return said
