"""A recorder for a test, loaded fresh and ended with the test; and what it recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.transforms.platforms.profile.loaded import load, switched_on
from tests.transforms.platforms.profile.recorded import Recorded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import ModuleType


@pytest.fixture
def recorder(tmp_path: Path) -> Iterator[Callable[..., ModuleType]]:
    """Load the package with profiling on, its sessions in the test's own folder.

    Keyword arguments are further settings: `recorder(log_interval="2")`.
    """
    loaded: list[ModuleType] = []

    def fresh(**settings: str) -> ModuleType:
        module = load(switched_on(tmp_path, **settings))
        loaded.append(module)
        return module

    yield fresh
    for module in loaded:
        module.recording.finish()


@pytest.fixture
def recorded(recorder: Callable[[], ModuleType], monkeypatch: pytest.MonkeyPatch) -> Recorded:
    """Keep the rows of a recorder, which must have no trouble."""
    return Recorded(recorder(), monkeypatch)


@pytest.fixture
def clock(recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Give a clock that says its one item."""
    now = [0]
    monkeypatch.setattr(recorded.package.recording, "clock", lambda: now[0])
    monkeypatch.setattr(recorded.package.recording, "now", lambda: 10**18 + now[0])
    return now
