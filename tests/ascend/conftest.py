"""What the trees do, asked once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.ascend.answers import Answers, ask
from tests.ascend.mutations import Mutations, describe

_VARIABLE = "ASCEND_ENVIRONMENT"


@pytest.fixture(scope="session")
def environment() -> Path:
    """The folder that `environment` made; `nox -s wheel-ascend` calls it."""
    folder = os.environ.get(_VARIABLE)
    if folder is None:
        pytest.fail(f"{_VARIABLE} is not set: run `nox -s wheel-ascend`")
    return Path(folder)


@pytest.fixture(scope="session")
def answers(environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Answers:
    """What upstream's functions and the platform's do."""
    return ask(environment, tmp_path_factory.mktemp("answers"))


@pytest.fixture(scope="session")
def mutations(environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Mutations:
    """What the plugin's mutations leave behind, at run time and compiled in."""
    return describe(environment, tmp_path_factory.mktemp("mutations"))
