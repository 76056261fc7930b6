"""The environments of the guard tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.transforms.platforms.musa.guards import Guards

_VARIABLE = "GUARDS_ENVIRONMENTS"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let one process ask about a release: what it was told once answers many questions."""
    for item in items:
        if item.get_closest_marker("guards") and isinstance(item, pytest.Function):
            release = item.callspec.params.get("release") if hasattr(item, "callspec") else None
            item.add_marker(pytest.mark.xdist_group(str(release)))


@pytest.fixture(scope="session")
def guards(tmp_path_factory: pytest.TempPathFactory) -> Guards:
    """The wheels to ask; `nox -s guards` makes their environments."""
    folder = os.environ.get(_VARIABLE)
    if folder is None:
        pytest.fail(f"{_VARIABLE} is not set: run `nox -s guards`")
    return Guards(Path(folder), tmp_path_factory.mktemp("guards"))
