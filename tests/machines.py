"""What differs between the machines that build: Pythons, users, time zones, locales."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.build_hooks.command_line import REPOSITORY

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from pathlib import Path

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
_NOBODY = 65534


def found(version: str) -> str:
    """Give an interpreter of a version; nothing is downloaded. In CI, none may be missing."""
    done = subprocess.run(
        [sys.executable, "-m", "uv", "python", "find", "--no-project", version],
        env={**os.environ, "UV_PYTHON_DOWNLOADS": "never"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        end = pytest.fail if "CI" in os.environ else pytest.skip
        end(f"no Python {version} on this machine")
    return done.stdout.strip()


def requirements_of_a_build() -> list[str]:
    """Give what pyproject.toml asks for."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    requires: list[str] = project["build-system"]["requires"]
    return requires


def can_be_another() -> bool:
    """Tell whether this process may run others as another user."""
    return os.geteuid() == 0 and shutil.which("setpriv") is not None


def as_another(folder: Path) -> tuple[str, ...]:
    """Give the words in front of a command that run it as another user.

    Interpreters may lie where only their owner looks, so it may read everything; what it writes is
    its own.

    Args:
        folder: what the other user may write; it becomes its own.
    """
    for path in (folder, *folder.rglob("*")):
        os.chown(path, _NOBODY, _NOBODY, follow_symlinks=False)
    identity = (f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups")
    reading = "+dac_read_search"
    return ("setpriv", *identity, f"--inh-caps={reading}", f"--ambient-caps={reading}")
