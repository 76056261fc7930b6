"""What twine uploads to a package server is installed from there."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.index.clients import NEW_CLIENTS, isolated

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.index.clients import Client

pytestmark = pytest.mark.index


def tool(*words: str | Path, **changes: str) -> str:
    """Run a module of this environment."""
    done = subprocess.run(
        [sys.executable, "-m", *map(str, words)],
        env=isolated(**changes),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_what_is_served_passes_the_checks_of_others(dist: Path) -> None:
    files = sorted(dist.iterdir())
    assert tool("twine", "check", "--strict", *files).count("PASSED") == len(files)
    # vLLM's own wheel has files that are the same, and a folder of examples in two places.
    wheels = sorted(dist.glob("*.whl"))
    assert tool("check_wheel_contents", "--ignore", "W002", *wheels).count(": OK") == len(wheels)


def test_every_platform_is_installed_after_a_twine_upload(
    dist: Path,
    packages_url: str,
    versions: dict[str, str],
    client: Callable[[str], Client],
) -> None:
    words = ("--repository-url", packages_url, "--disable-progress-bar", "--non-interactive")
    variables = {"TWINE_USERNAME": "anybody", "TWINE_PASSWORD": "nothing"}
    tool("twine", "upload", *words, *sorted(dist.iterdir()), **variables)
    for name in NEW_CLIENTS:
        who = client(name)
        for version in versions.values():
            done = who.install("--index-url", f"{packages_url}/simple/", f"vllm=={version}")
            assert done.returncode == 0, done.stderr
            assert who.installed("vllm") == version
