"""The answers of both trees, asked once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.ascend.answers import Answers, ask

_VARIABLE = "ASCEND_ENVIRONMENT"


@pytest.fixture(scope="session")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    """What upstream's functions and the wheel's do; `nox -s ascend` makes their environment."""
    folder = os.environ.get(_VARIABLE)
    if folder is None:
        pytest.fail(f"{_VARIABLE} is not set: run `nox -s ascend`")
    return ask(Path(folder), tmp_path_factory.mktemp("ascend"))
