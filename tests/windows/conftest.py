"""The processes of one run share the trees that they unpack and build."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.windows.release import SHARED

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session", autouse=True)
def _shared_trees(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Name the folder of this run: a worker's own lies in that of all workers."""
    own = tmp_path_factory.getbasetemp()
    run = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SHARED, str(run / "windows-trees"))
        yield
