"""The musa wheel of real releases is the same, bit for bit, whatever makes it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.build_hooks.command_line import REPOSITORY
from tests.build_hooks.project import copy_checkout
from tests.build_hooks.tampered import contents
from tests.wheels.real import build_release, new_environment, real_environment

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.wheels

# Beside the Python that runs the tests; each where this machine has it.
PYTHONS = ("3.10", "3.11", "3.12", "3.13")
OTHER_MACHINE = {
    "PYTHONHASHSEED": "4242",
    "TZ": "Pacific/Chatham",
    "LC_ALL": "C",
    "PYTHONUTF8": "0",
    "PYTHONCOERCECLOCALE": "0",
    "USER": "nobody",
}


def found(version: str) -> str:
    """Give an interpreter of a version; nothing is downloaded."""
    done = subprocess.run(
        [sys.executable, "-m", "uv", "python", "find", "--no-project", version],
        env={**os.environ, "UV_PYTHON_DOWNLOADS": "never"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"no Python {version} on this machine")
    return done.stdout.strip()


def requirements_of_a_build() -> list[str]:
    """Give what pyproject.toml asks for."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    found: list[str] = project["build-system"]["requires"]
    return found


def test_another_checkout_folder_user_and_locale_give_the_same(
    release: str, wheel: Path, tmp_path: Path
) -> None:
    project = copy_checkout(tmp_path / "elsewhere")
    mask = os.umask(0o077)
    try:
        env = real_environment(**OTHER_MACHINE)
        other = build_release(release, tmp_path / "dist", project=project, env=env)
    finally:
        os.umask(mask)
    assert other.name == wheel.name
    assert other.read_bytes() == wheel.read_bytes()


@pytest.mark.parametrize("version", PYTHONS)
@pytest.mark.parametrize("release_", ["0.9.2", "0.33.0"])
def test_every_supported_python_gives_the_same(
    version: str, release_: str, musa_wheel: Callable[[str], Path], tmp_path: Path
) -> None:
    python = new_environment(tmp_path / "venv", *requirements_of_a_build(), python=found(version))
    other = build_release(release_, tmp_path / "dist", python=python)
    assert other.read_bytes() == musa_wheel(release_).read_bytes()
    shutil.rmtree(tmp_path / "venv")


def test_the_oldest_build_requirements_give_the_same_files(
    musa_wheel: Callable[[str], Path], tmp_path: Path
) -> None:
    requires = [item.replace(">=", "==") for item in requirements_of_a_build()]
    python = new_environment(tmp_path / "venv", *requires)
    ours = contents(musa_wheel("0.33.0"))
    other = contents(build_release("0.33.0", tmp_path / "dist", python=python))
    # The manifest names the compression library and its version, of which the bytes are a function.
    info = "vllm-0.33.0+musa.dist-info"
    told = (f"{info}/wheelwright/manifest.json", f"{info}/RECORD")
    manifests = [json.loads(files[told[0]]) for files in (ours, other)]
    assert manifests[0].pop("compression") != manifests[1].pop("compression")
    assert manifests[0] == manifests[1]
    for name in told:
        del ours[name], other[name]
    assert other == ours
