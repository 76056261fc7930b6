"""The patched sdists of real releases, and what upstream's own build makes of an sdist."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from build_hooks.backend import get_requires_for_build_sdist
from tests.build_hooks.command_line import REPOSITORY
from tests.machines import requirements_of_a_build
from tests.wheels.real import build_release, real_environment

if TYPE_CHECKING:
    from collections.abc import Mapping

PLATFORM = "windows"
RELEASES = ("0.14.1", "0.33.0")
UPSTREAM_PYTHON = "WHEELWRIGHT_UPSTREAM_PYTHON"
"""Names an interpreter that has torch and what else upstream's setup.py asks for."""


def build_patched(  # noqa: PLR0913 - as `build_release`
    release: str,
    folder: Path,
    kind: str = "sdist",
    *,
    python: str | Path = sys.executable,
    project: Path = REPOSITORY,
    env: Mapping[str, str] | None = None,
) -> Path:
    """Build the platform's sdist or wheel by the command line.

    Args:
        release: the release.
        folder: where it goes.
        kind: ``sdist`` or ``wheel``.
        python: the interpreter.
        project: the checkout.
        env: the environment.
    """
    words = ("-p", PLATFORM, f"--{kind}")
    return build_release(release, folder, *words, python=python, project=project, env=env)


def requirements() -> list[str]:
    """Give what a front end installs to build the sdist."""
    return [*requirements_of_a_build(), *get_requires_for_build_sdist({"platform": PLATFORM})]


def upstream_build(sdist: Path, folder: Path) -> Path:
    """Build a wheel of an sdist by its own setup.py, without a device; give the wheel.

    Args:
        sdist: patched, or as upstream has it.
        folder: where the wheel goes.
    """
    python = os.environ.get(UPSTREAM_PYTHON)
    assert python, f"{UPSTREAM_PYTHON} is not set: nox -s sdist-windows makes it and sets it"
    words = ("pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", folder, sdist)
    env = {**real_environment(), "VLLM_TARGET_DEVICE": "empty"}
    # setup.py looks for cmake and ninja beside its own interpreter.
    env["PATH"] = os.pathsep.join([str(Path(python).parent), env["PATH"]])
    done = subprocess.run(
        (python, "-m", *words), env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = folder.glob("*.whl")
    return wheel


def package(wheel: Path) -> dict[str, bytes]:
    """Give the files of a wheel outside of `.dist-info`.

    Args:
        wheel: the wheel.
    """
    with zipfile.ZipFile(wheel) as archive:
        return {
            name: archive.read(name)
            for name in archive.namelist()
            if not name.endswith("/") and ".dist-info/" not in name
        }
