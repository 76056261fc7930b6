"""What several modules here build from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.build_hooks.command_line import build
from tests.build_hooks.small_release import small_sdist
from tests.build_hooks.small_wheel import small_wheel

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a small release's sdist; nothing may change it."""
    return small_sdist(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="session")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the wheel of the small release; nothing may change it."""
    return build(sdist, tmp_path_factory.mktemp("built"))


@pytest.fixture(scope="session")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a small release's binary wheel; nothing may change it."""
    return small_wheel(tmp_path_factory.mktemp("upstream"))


@pytest.fixture(scope="session")
def patched(upstream: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the patched binary wheel of the small release; nothing may change it."""
    return build(upstream, tmp_path_factory.mktemp("patched"))
