"""pip and uv, old and new, as the clients of an index."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.wheels.real import new_environment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NEWEST = "newest"
# The first pip that knows of yanked files (PEP 592), the first that reads METADATA by itself (PEP
# 658), the first that reads it under its new name (PEP 714), and the newest.
PIPS = ("19.2", "22.3", "23.2", NEWEST)
# The first uv line with explicit indexes in its final form, and the newest.
UVS = ("0.4.30", NEWEST)
CLIENTS = tuple(f"pip {version}" for version in PIPS) + tuple(f"uv {version}" for version in UVS)
NEW_CLIENTS = (f"pip {NEWEST}", f"uv {NEWEST}")


def isolated(**changes: str) -> dict[str, str]:
    """Give an environment without any configuration of this machine's pip and uv.

    Args:
        changes: what is added.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PIP_", "UV_", "VIRTUAL_ENV", "PYTHON"))
    }
    quiet = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "UV_PYTHON_DOWNLOADS": "never"}
    alone = {"PIP_CONFIG_FILE": os.devnull, "UV_NO_CONFIG": "1", "NO_PROXY": "*", "no_proxy": "*"}
    return {**kept, **quiet, **alone, **changes}


@dataclass(frozen=True, slots=True)
class Client:
    """One pip or uv, with an environment that it installs into.

    Attributes:
        name: e.g. ``pip 19.2``.
        python: the interpreter of the environment.
        program: the words that run the client.
        cache: what it keeps.
    """

    name: str
    python: Path
    program: Sequence[str]
    cache: Path

    @property
    def is_uv(self) -> bool:
        """Whether it is uv."""
        return self.name.startswith("uv")

    def run(self, *words: str | Path, **changes: str) -> subprocess.CompletedProcess[str]:
        """Run the client.

        Args:
            words: its arguments.
            changes: for the environment.
        """
        env = isolated(UV_CACHE_DIR=str(self.cache), PIP_CACHE_DIR=str(self.cache), **changes)
        return subprocess.run(
            [*self.program, *map(str, words)],
            env=env,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
            cwd=self.cache.parent,
        )

    def install(self, *words: str | Path, **changes: str) -> subprocess.CompletedProcess[str]:
        """Install without dependencies, in the place of what was there.

        Args:
            words: what, and from where.
            changes: for the environment.
        """
        target = (
            ("pip", "install", "-p", self.python, "--reinstall")
            if self.is_uv
            else ("install", "--no-compile", "--force-reinstall")
        )
        return self.run(*target, "--no-deps", *words, **changes)

    def installed(self, project: str) -> str:
        """Give the version of a project that is installed; empty where none is."""
        code = (
            "import importlib.metadata as m, sys\n"
            "try: print(m.version(sys.argv[1]))\n"
            "except m.PackageNotFoundError: print()"
        )
        done = subprocess.run(
            [self.python, "-c", code, project],
            env=isolated(),
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()


def make_client(name: str, folder: Path) -> Client:
    """Make a client and the environment that it installs into.

    Args:
        name: e.g. ``uv newest``.
        folder: where both go.
    """
    kind, version = name.split()
    pin = f"{kind}=={version}" if version != NEWEST else kind
    cache = folder / "cache"
    if kind == "pip":
        python = new_environment(folder / "environment", pin)
        return Client(name, python, [str(python), "-m", "pip"], cache)
    python = new_environment(folder / "environment")
    if version == NEWEST:
        return Client(name, python, [sys.executable, "-m", "uv"], cache)
    program = new_environment(folder / "tool", pin).with_name("uv")
    return Client(name, python, [str(program)], cache)
