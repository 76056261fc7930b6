"""Make sessions as an engine does: processes that write through the real recorder."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from tests.transforms.platforms.profile.loaded import FOLDER, load, switched_on

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

REPOSITORY = FOLDER.parents[5]
NAME = "session_20261121_100000_0123abcd"
# The second that the name says, UTC.
STARTED_NS = 1_795_255_200 * 10**9

# What a child runs, in which it is `__main__`.
_MODULE = "tests.transforms.platforms.profile.runtime.command.sessions"

Rows = dict[str, list[tuple[Any, ...]]]


@dataclass(kw_only=True)
class Recorded:
    """A process, and what it records.

    Attributes:
        role: what it is; `main` if it never says so.
        rank: its rank.
        dp_rank: that of its engine.
        rows: of each table, in the order of the columns.
        fired: how often each point.
        children: processes that it starts.
        pid: its process id, once it has run.
    """

    role: str = "main"
    rank: int | None = None
    dp_rank: int | None = None
    rows: Rows = field(default_factory=dict)
    fired: dict[str, int] = field(default_factory=dict)
    children: list[Recorded] = field(default_factory=list)


def write(folder: Path, processes: Iterable[Recorded], *, arrow: bool = False) -> Path:
    """Run processes one after the other.

    Args:
        folder: where sessions go.
        processes: all of one session.
        arrow: write Arrow, which needs pyarrow; JSON lines else.

    Returns:
        the session's folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for process in processes:
        _run(asdict(process), {**switched_on(folder, session=NAME), "ARROW": str(int(arrow))})
    return folder / NAME


def _run(process: Mapping[str, Any], environment: Mapping[str, str]) -> None:
    words = [sys.executable, "-m", _MODULE]
    text = json.dumps({"process": process, "environment": environment})
    done = subprocess.run(
        words, input=text, text=True, check=False, capture_output=True, cwd=REPOSITORY
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr


def _record(process: Mapping[str, Any], environment: Mapping[str, str]) -> None:
    """Do what a process of the engine does, in this one."""
    if environment["ARROW"] == "0":
        # It cannot be imported from now on.
        sys.modules["pyarrow"] = None  # type: ignore[assignment]
    recording = load(environment).recording
    if process["role"] != "main":
        recording.set_process(process["role"], process["rank"], process["dp_rank"])
    for name, times in process["fired"].items():
        for _ in range(times):
            recording.fired(name)
    for table, rows in process["rows"].items():
        for number, row in enumerate(rows):
            recording.record(table, tuple(row))
            if number % 10_000 == 0:
                recording.flush()  # so that none is lost
    recording.finish()
    for child in process["children"]:
        _run(child, environment)


def row(table: str, **values: object) -> tuple[Any, ...]:
    """Give a row by names, every column named."""
    names = [column.name for column in columns(table)]
    assert set(values) == set(names), (sorted(values), names)
    return tuple(values[name] for name in names)


def columns(table: str) -> Sequence[Any]:
    """Give a table's columns."""
    from tests.transforms.platforms.profile.runtime.command.commands import package  # noqa: PLC0415

    return tuple(package("tables").TABLES[table])


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    _record(asked["process"], asked["environment"])
