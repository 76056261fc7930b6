"""One session for all tests that only read it."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pytest

from tests.transforms.platforms.profile.runtime.command import sessions
from tests.transforms.platforms.profile.runtime.command.sample import sample

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Record the sample, as JSON lines."""
    return sessions.write(tmp_path_factory.mktemp("sessions"), sample())


@pytest.fixture(scope="session")
def empty_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Record nothing but a process."""
    quiet = sessions.Recorded(role="engine_core", fired={"processes.engine_core": 1})
    return sessions.write(tmp_path_factory.mktemp("sessions"), [quiet])


@pytest.fixture(scope="session")
def rows(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Read the sample's rows with nothing but json, in order of time; each knows its stream."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            found[row["table"]].append({**row, "stream": path.stem})
    for table in found.values():
        table.sort(key=lambda row: int(row["time_ns"]))
    return found
