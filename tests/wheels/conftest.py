"""Each real wheel is built once for all tests that look at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.wheels.real import RELEASES, build_release

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="session")
def musa_wheel(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Give a function from a release to its musa wheel; nothing may change the wheel."""
    folder = tmp_path_factory.mktemp("musa")
    built: dict[str, Path] = {}

    def wheel_of(release: str) -> Path:
        if release not in built:
            built[release] = build_release(release, folder)
        return built[release]

    return wheel_of


@pytest.fixture(params=RELEASES)
def release(request: pytest.FixtureRequest) -> str:
    """Give each of the releases."""
    name: str = request.param
    return name


@pytest.fixture
def wheel(release: str, musa_wheel: Callable[[str], Path]) -> Path:
    """Give the musa wheel of each of the releases."""
    return musa_wheel(release)
