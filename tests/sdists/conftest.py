"""Each sdist is built once for all tests that look at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sdists.real import RELEASES, build_patched

if TYPE_CHECKING:
    from pathlib import Path

_BUILT: dict[str, Path] = {}


@pytest.fixture(params=RELEASES, scope="session")
def release(request: pytest.FixtureRequest) -> str:
    """Give each of the releases."""
    name: str = request.param
    return name


@pytest.fixture(scope="session")
def patched(release: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the patched sdist of each of the releases; nothing may change it."""
    if release not in _BUILT:
        _BUILT[release] = build_patched(release, tmp_path_factory.mktemp("patched"))
    return _BUILT[release]
