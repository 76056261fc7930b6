"""The same wheel, bit for bit, whatever machine, user and process make it.

Other versions of Python are tried in tests/wheels, on real releases.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.build_hooks.command_line import REPOSITORY, environment, run
from tests.build_hooks.project import make_project
from tests.build_hooks.small_release import ONLY, WHEEL

VARIED: dict[str, dict[str, str]] = {
    "hash seed 0": {"PYTHONHASHSEED": "0"},
    "hash seed 4242": {"PYTHONHASHSEED": "4242"},
    "time zone": {"TZ": "Pacific/Chatham"},
    "plain C locale": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "optimised": {"PYTHONOPTIMIZE": "2"},
    "another user": {"HOME": os.devnull, "USER": "nobody", "LOGNAME": "nobody"},
}


def build(sdist: Path, folder: Path, **options: Any) -> bytes:  # noqa: ANN401 - what `run` takes
    done = run("build", "--source", sdist, "-o", folder, "--only", ONLY, **options)
    assert done.returncode == 0, done.stderr
    return (folder / WHEEL).read_bytes()


@pytest.mark.parametrize("name", VARIED)
def test_environment_does_not_matter(sdist: Path, wheel: Path, tmp_path: Path, name: str) -> None:
    assert build(sdist, tmp_path, env=environment(**VARIED[name])) == wheel.read_bytes()


@pytest.mark.parametrize("mask", [0o000, 0o077])
def test_the_umask_does_not_matter(sdist: Path, wheel: Path, tmp_path: Path, mask: int) -> None:
    assert build(sdist, tmp_path, preexec_fn=lambda: os.umask(mask)) == wheel.read_bytes()


def test_the_working_folder_does_not_matter(sdist: Path, wheel: Path, tmp_path: Path) -> None:
    env = environment(PYTHONPATH=str(REPOSITORY))
    assert build(sdist, tmp_path, project=tmp_path, env=env) == wheel.read_bytes()


def test_the_place_of_checkout_and_sdist_does_not_matter(
    sdist: Path, wheel: Path, tmp_path: Path
) -> None:
    project = make_project(tmp_path)
    copy = Path(shutil.copy(sdist, tmp_path))
    os.utime(copy, (0, 0))
    assert build(copy, tmp_path / "dist", project=project.root) == wheel.read_bytes()
