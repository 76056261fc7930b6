"""A patched sdist is the same, bit for bit, whoever builds it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.build_hooks.project import copy_checkout
from tests.machines import OTHER_MACHINE, PYTHONS, found
from tests.sdists.real import PLATFORM, RELEASES, build_patched, requirements
from tests.wheels.real import new_environment, real_environment

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.sdists

# What a machine or a Python may change, it changes in every release.
SMALLEST = RELEASES[:1]
FRONT_ENDS = {
    "build": (sys.executable, "-m", "build", "--sdist", "."),
    "uv": (sys.executable, "-m", "uv", "build", "--sdist", "."),
}


@pytest.mark.parametrize("name", FRONT_ENDS)
def test_every_front_end_makes_the_sdist_of_the_command_line(
    name: str, release: str, patched: Path, tmp_path: Path
) -> None:
    project = copy_checkout(tmp_path / "checkout")
    settings = ("-C", f"platform={PLATFORM}", "-C", f"vllm={release}")
    done = subprocess.run(
        [*FRONT_ENDS[name], *settings],
        cwd=project,
        env=real_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (made,) = (project / "dist").glob("*.tar.gz")
    assert made.name == patched.name == f"vllm-{release}+{PLATFORM}.tar.gz"
    assert made.read_bytes() == patched.read_bytes()


@pytest.mark.parametrize("release", SMALLEST, indirect=True)
def test_another_checkout_folder_user_and_locale_give_the_same(
    release: str, patched: Path, tmp_path: Path
) -> None:
    project = copy_checkout(tmp_path / "elsewhere")
    mask = os.umask(0o077)
    try:
        env = real_environment(**OTHER_MACHINE)
        other = build_patched(release, tmp_path / "dist", project=project, env=env)
    finally:
        os.umask(mask)
    assert other.read_bytes() == patched.read_bytes()


@pytest.mark.parametrize("release", SMALLEST, indirect=True)
@pytest.mark.parametrize("version", PYTHONS)
def test_every_supported_python_gives_the_same(
    version: str, release: str, patched: Path, tmp_path: Path
) -> None:
    python = new_environment(tmp_path / "venv", *requirements(), python=found(version))
    other = build_patched(release, tmp_path / "dist", python=python)
    assert other.read_bytes() == patched.read_bytes()
    shutil.rmtree(tmp_path / "venv")
