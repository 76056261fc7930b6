"""A checkout of this project with a lock of its own, and an index folder for it."""

from __future__ import annotations

import gzip
import hashlib
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from build_hooks.lock import Lock, LockedArtifact, dump_lock
from tests.build_hooks.command_line import REPOSITORY, environment, run
from tests.build_hooks.small_release import ONLY, RELEASE, TIME, small_sdist

if TYPE_CHECKING:
    from pathlib import Path

_PARTS = ("build_hooks", "transforms", "vendored")


def locked_sdist(path: Path) -> LockedArtifact:
    """Say what a lock says of an sdist.

    Args:
        path: the sdist.
    """
    data = path.read_bytes()
    return LockedArtifact(
        distribution="vllm",
        release=path.name.removeprefix("vllm-").removesuffix(".tar.gz"),
        kind="sdist",
        filename=path.name,
        size=len(data),
        unpacked=len(gzip.decompress(data)),
        sha256=hashlib.sha256(data).hexdigest(),
        date=datetime.fromtimestamp(TIME, tz=timezone.utc),
        requires_python="<3.15,>=3.10",
    )


def locked_wheel(path: Path) -> LockedArtifact:
    """Say what a lock says of a binary wheel.

    Args:
        path: the wheel.
    """
    data = path.read_bytes()
    name, release = path.name.split("-")[:2]
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(info.file_size for info in archive.infolist())
    return LockedArtifact(
        distribution=name.replace("_", "-"),
        release=release,
        kind="wheel",
        filename=path.name,
        size=len(data),
        unpacked=unpacked,
        sha256=hashlib.sha256(data).hexdigest(),
        date=datetime.fromtimestamp(TIME, tz=timezone.utc),
        requires_python="<3.15,>=3.10",
    )


@dataclass(frozen=True, slots=True)
class Project:
    """A checkout in a folder.

    Args:
        root: the checkout.
        index: a folder with the files that its lock names.
        cache: where it keeps downloads; not there at first.
    """

    root: Path
    index: Path
    cache: Path

    def environment(self, **changes: str) -> dict[str, str]:
        """Give an environment in which it uses its own index and cache.

        Args:
            changes: what is added.
        """
        own = {
            "VLLM_WHEELWRIGHT_INDEX": str(self.index),
            "VLLM_WHEELWRIGHT_CACHE": str(self.cache),
        }
        return environment(**{**own, **changes})

    def build(self, *words: str | Path, **changes: str) -> subprocess.CompletedProcess[str]:
        """Run its `build` for the patches that the small release is for.

        Args:
            words: further arguments.
            changes: for the environment.
        """
        only = () if "--only" in words else ("--only", ONLY)
        return run("build", *only, *words, project=self.root, env=self.environment(**changes))

    def hook(self, program: str, **changes: str) -> subprocess.CompletedProcess[str]:
        """Run a few statements after `from build_hooks import backend`, as a front end does.

        Args:
            program: the statements.
            changes: for the environment.
        """
        return subprocess.run(
            [sys.executable, "-c", f"from build_hooks import backend; {program}"],
            cwd=self.root,
            env=self.environment(**changes),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def kept(self) -> list[str]:
        """Give the names of the downloads in its cache, without locks and stamps."""
        return sorted(
            path.name
            for path in self.cache.rglob("*")
            if path.is_file() and path.suffix not in {".lock", ".stamp"}
        )


def copy_checkout(root: Path) -> Path:
    """Copy what this checkout needs to build wheels.

    Args:
        root: where it goes.
    """
    for part in _PARTS:
        shutil.copytree(
            REPOSITORY / part, root / part, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(REPOSITORY / "pyproject.toml", root)
    return root


def make_project(folder: Path, *wheels: Path) -> Project:
    """Copy this checkout, with a lock that holds the small release only.

    Args:
        folder: where it goes.
        wheels: binary wheels in the folder `index` below it, for the lock as well.
    """
    root, index = copy_checkout(folder / "project"), folder / "index"
    artifacts = (locked_sdist(small_sdist(index)), *map(locked_wheel, wheels))
    lock = dump_lock(Lock(RELEASE, artifacts))
    (root / "vendored" / "vllm.lock.toml").write_text(lock, encoding="utf-8")
    return Project(root, index, folder / "cache")
