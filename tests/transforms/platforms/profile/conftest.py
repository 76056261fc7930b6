"""A recorder for a test: loaded fresh, and ended with the test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.transforms.platforms.profile.loaded import load, switched_on

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
