"""The trees, the replays that all tests here share, and the table at the end."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.triton import summary
from tests.triton.naive import make_naive_tree
from tests.triton.release import OLD, REFERENCES, Release
from tests.triton.replay import Replays, replay
from tests.triton.trees import obtain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from build_hooks.triton.replay import Replay

MOST_WORKERS = 4
SAMPLE = "--sample"
LINES = pytest.StashKey[list[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a run compile less than everything."""
    parser.addoption(
        SAMPLE,
        type=int,
        default=1,
        metavar="N",
        help="of the kernels in files that the build left alone compile one in N (default: all)",
    )


@pytest.fixture(scope="session")
def releases(
    tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> dict[str, Release]:
    """Obtain the trees of every release."""
    folder = tmp_path_factory.mktemp("trees")
    one_in = pytestconfig.getoption(SAMPLE)
    return {version: Release.of(version, obtain(version, folder), one_in) for version in REFERENCES}


@pytest.fixture(scope="session")
def replays(
    releases: dict[str, Release],
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Iterator[Replays]:
    """Start all replays, to be asked for by release, Triton and tree."""
    folder = tmp_path_factory.mktemp("replays")
    running = Replays(min(len(os.sched_getaffinity(0)), MOST_WORKERS))

    def start(release: Release, triton: str, kind: str, package: Path) -> None:
        key = (release.version, triton, kind)
        work = partial(replay, triton, package, release.jobs, folder / "-".join(key))
        running.start(key, work)

    for release in releases.values():
        for triton in (OLD, REFERENCES[release.version]):
            start(release, triton, "stock", release.trees.stock)
            start(release, triton, "built", release.trees.built)

    def replay_naive(release: Release) -> Replay:
        package = make_naive_tree(release.trees.stock, folder / "naive" / "vllm")
        triton = REFERENCES[release.version]
        mistaken = {one.path for one in release.census if one.annotated}
        jobs = [job for job in release.jobs if job.ident.partition("::")[0] in mistaken]
        return replay(triton, package, jobs, folder / f"{release.version}-naive")

    newest = releases["0.33.0"]
    key = (newest.version, REFERENCES[newest.version], "naive")
    running.start(key, partial(replay_naive, newest))
    yield running
    running.stop()
    lines = summary.lines(releases, running.finished())
    (folder / "summary.txt").write_text("\n".join([*lines, ""]), encoding="utf-8")
    request.config.stash[LINES] = [*lines, f"kept in {folder}"]


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say how much was proven."""
    lines = config.stash.get(LINES, [])
    if lines:
        terminalreporter.section("Triton")
        for line in lines:
            terminalreporter.write_line(line)
