"""The requirements are those that upstream's own build without a device gives.

The oracle is upstream's `setup.py`, really run, in an environment of its own: the only place where
code of a release is run, and only by its tests.
"""

from __future__ import annotations

import email
import os
import subprocess
import sys
import tarfile
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement

from tests.wheels.real import OFFICIAL, artifact, text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.wheels

# Upstream's build requirements, with one torch for all releases: `setup.py` imports it, no more.
BUILD_REQUIREMENTS = (
    "torch==2.13.0",
    "setuptools>=77.0.3,<81",
    "setuptools-scm>=8",
    "setuptools-rust>=1.9",
    "cmake>=3.26.1",
    "ninja",
    "jinja2",
    "packaging",
    "wheel",
    "grpcio-tools>=1.76",
)
PROGRAM = (
    "import sys; from setuptools import build_meta; "
    "print(build_meta.prepare_metadata_for_build_wheel(sys.argv[1]))"
)


@pytest.fixture(scope="session")
def upstream_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an interpreter that has what upstream's build needs."""
    folder = tmp_path_factory.mktemp("upstream")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = folder / "bin" / "python"
    # pip and not uv: where the user's configuration of pip leads to a build of torch for the CPU,
    # gigabytes need not be fetched.
    subprocess.run([python, "-m", "pip", "install", "-q", *BUILD_REQUIREMENTS], check=True)
    return python


def upstream_metadata(release: str, folder: Path, python: Path) -> str:
    with tarfile.open(artifact(release)) as sdist:
        if sys.version_info >= (3, 12):
            sdist.extractall(folder, filter="data")
        else:
            sdist.extractall(folder)  # noqa: S202 - its sha256 is in the lock
    done = subprocess.run(
        [python, "-c", PROGRAM, folder],
        cwd=folder / f"vllm-{release}",
        env={
            "PATH": os.pathsep.join([str(python.parent), os.environ["PATH"]]),
            "HOME": str(folder),
            "VLLM_TARGET_DEVICE": "empty",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return (folder / done.stdout.splitlines()[-1] / "METADATA").read_text(encoding="utf-8")


def requirements(metadata: str) -> list[Requirement]:
    found = email.message_from_string(metadata).get_all("Requires-Dist") or []
    return [Requirement(item) for item in found]


@pytest.mark.parametrize("release", OFFICIAL)
def test_requires_what_upstreams_empty_build_requires(
    release: str, musa_wheel: Callable[[str], Path], upstream_python: Path, tmp_path: Path
) -> None:
    theirs = requirements(upstream_metadata(release, tmp_path, upstream_python))
    ours = requirements(text(musa_wheel(release), "METADATA"))
    assert len(ours) > 40
    assert not any(item.name == "torch" for item in ours if not item.marker)
    assert [str(item) for item in ours] == [str(item) for item in theirs]
