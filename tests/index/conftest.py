"""Real wheels of every platform, in an index that is served, and the clients that install them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from build_hooks.platforms import platform_names
from tests.build_hooks.command_line import run
from tests.index.clients import make_client
from tests.index.servers import nginx_server, object_server, package_server, python_server
from tests.wheels.real import real_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.index.clients import Client

RELEASE = "0.33.0"
PLATFORMS = tuple(platform_names())


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the Python part of vLLM for every platform, and one sdist; nothing may change them."""
    folder = tmp_path_factory.mktemp("dist")
    builds = [("-p", name, "--wheel", "--source", "sdist") for name in PLATFORMS]
    for words in (*builds, ("-p", "musa", "--sdist")):
        done = run(
            "build", *words, "--vllm", RELEASE, "-o", folder, env=real_environment(), timeout=600
        )
        assert done.returncode == 0, done.stderr
    assert len(list(folder.iterdir())) == len(PLATFORMS) + 1
    return folder


@pytest.fixture(scope="session")
def versions(dist: Path) -> dict[str, str]:
    """Give the version of each platform's wheel, as its name has it."""
    found = sorted(path.name.split("-")[1] for path in dist.glob("*.whl"))
    return {version.partition("+")[2]: version for version in found}


@pytest.fixture(scope="session")
def public(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an index of them in a folder; nothing may change it."""
    folder = tmp_path_factory.mktemp("index") / "public"
    done = run("index", "build", dist, "--to", folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="session")
def client(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Client]:
    """Give a function that gives a client by its name."""
    made: dict[str, Client] = {}

    def give(name: str) -> Client:
        if name not in made:
            made[name] = make_client(name, tmp_path_factory.mktemp(name.replace(" ", "-")))
        return made[name]

    return give


@pytest.fixture(scope="session")
def python_url(public: Path) -> Iterator[tuple[str, list[str]]]:
    """Serve the index by Python's server: its address, and what is asked for."""
    with python_server(public) as served:
        yield served


@pytest.fixture(scope="session")
def nginx_url(public: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the index by nginx, which chooses between HTML and JSON."""
    with nginx_server(public, tmp_path_factory.mktemp("nginx") / "own") as (url, _):
        yield url


@pytest.fixture(scope="session")
def packages_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a package server with nothing in it."""
    with package_server(tmp_path_factory.mktemp("packages") / "kept") as url:
        yield url


@pytest.fixture(scope="session")
def objects() -> Iterator[tuple[str, dict[str, str]]]:
    """Run an S3: its address, and the variables of those who write to it."""
    with object_server() as served:
        yield served
