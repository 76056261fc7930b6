"""The runs that all tests here share, and what came of them at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.triton.numerics.numbers import RELEASE, Numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.triton.release import Release

LINES = pytest.StashKey[list[str]]()


@pytest.fixture(scope="session")
def numbers(
    releases: dict[str, Release],
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Iterator[Numbers]:
    """Start all runs, to be asked for by tree and Triton."""
    running = Numbers(releases[RELEASE].trees, tmp_path_factory.mktemp("numbers"))
    yield running
    running.stop()
    request.config.stash[LINES] = running.lines()


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say what was computed."""
    lines = config.stash.get(LINES, [])
    if lines:
        terminalreporter.section("Triton's interpreter")
        for line in lines:
            terminalreporter.write_line(line)
