"""The small release with what switches change of it, built to a wheel with switches."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.build_hooks.command_line import environment, run
from tests.build_hooks.small_release import ONLY, RELEASE, small_files, write_sdist

if TYPE_CHECKING:
    from collections.abc import Sequence

INIT = '''\
# SPDX-License-Identifier: Apache-2.0
"""vLLM."""

# The version comes first.
from .version import __version__, __version_tuple__  # isort:skip

import vllm.platforms
'''
ENVS = """\
import os

VLLM_NVTX_SCOPES_FOR_PROFILING: bool = False
environment_variables = {
    "VLLM_NVTX_SCOPES_FOR_PROFILING": lambda: False,
}


def compile_factors():
    ignored_factors: set[str] = {
        "VLLM_NVTX_SCOPES_FOR_PROFILING",
    }
    return ignored_factors
"""


def release_files() -> dict[str, bytes]:
    """Give the release's files by path."""
    return {
        **small_files(init=INIT),
        "vllm/version.py": b"__version__ = '0.33.0'\n__version_tuple__ = (0, 33, 0)\n",
        "vllm/envs.py": ENVS.encode(),
    }


def release_sdist(folder: Path) -> Path:
    """Write the release as an sdist."""
    return write_sdist(folder / f"vllm-{RELEASE}.tar.gz", release_files())


def switched_wheel(folder: Path, *words: str | Path, switches: str = "on") -> Path:
    """Build the release to a wheel with switches, and give its path.

    Args:
        folder: where the sdist and the wheel go.
        words: further arguments of `build`.
        switches: what the setting is.
    """
    sdist = release_sdist(folder)
    only = () if "--only" in words else ("--only", ONLY)
    env = environment(VLLM_WHEELWRIGHT_SWITCHES=switches)
    done = run("build", "--source", sdist, "-o", folder / "dist", *only, *words, env=env)
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip())


def unpacked(wheel: Path, site: Path) -> Path:
    """Install a wheel as far as imports need it."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    return site


def python(site: Path, *words: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run Python in an environment where only this vLLM is.

    Args:
        site: where it is installed.
        words: Python's arguments.
        variables: the environment variables that there are.
    """
    command: Sequence[str | Path] = [sys.executable, "-S", *words]
    cache = site.parent / "cache"
    env = {"PYTHONPATH": str(site), "VLLM_CACHE_ROOT": str(cache), **variables}
    return subprocess.run(
        command, env=env, cwd=site.parent, capture_output=True, text=True, check=False
    )
