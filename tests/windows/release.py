"""Upstream's tree of a release and the one that is built for Windows, file by file or unpacked.

Both come through the project's own cache. What is costly is made once for all processes of a run:
`conftest.py` says where.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from build_hooks.artifact import open_artifact
from build_hooks.pipeline import _notice, make_plan, match
from build_hooks.settings import read_settings
from tests.transforms.trees import MemoryTree
from tests.wheels.real import artifact, real_environment
from transforms.engine.apply import apply_sites

if TYPE_CHECKING:
    from collections.abc import Iterator

    from build_hooks.artifact import Artifact

SHARED = "WHEELWRIGHT_WINDOWS_SHARED"
"""Names the folder that the processes of one run share; a process without one has its own."""


@cache
def tree(version: str) -> Artifact:
    """Give the pristine sdist of a release.

    Args:
        version: the release.
    """
    return open_artifact(artifact(version))


@cache
def built(version: str, *only: str) -> MemoryTree:
    """Give the same tree with what the platform changes and adds.

    Args:
        version: the release.
        only: names of patches, as `windows/msvc_isinf`, that are applied alone; all by default.
    """
    changed = _folder_of("changed", version, *only)
    files = {path.relative_to(changed).as_posix(): path.read_bytes() for path in _files(changed)}
    pristine = tree(version)
    upstreams = {path: pristine.read(path) for path in pristine if path not in files}
    return MemoryTree.of({**upstreams, **files})


def stock_file(version: str, path: str) -> bytes:
    """Give one file as upstream has it.

    Args:
        version: the release.
        path: relative to the root of the sdist, as `csrc/core/math.hpp`.
    """
    return tree(version).read(path)


def built_file(version: str, path: str, *only: str) -> bytes:
    """Give one file as it is built for Windows.

    Args:
        version: the release.
        path: relative to the root of the sdist.
        only: names of patches that are applied alone; all by default.
    """
    changed = _folder_of("changed", version, *only) / path
    return changed.read_bytes() if changed.is_file() else stock_file(version, path)


def stock_folder(version: str) -> Path:
    """Give a folder with upstream's tree, for programs that read files; nothing may change it.

    Args:
        version: the release.
    """
    return _folder_of("stock", version)


def built_folder(version: str, *only: str) -> Path:
    """Give a folder with the tree that is built for Windows; nothing may change it.

    Args:
        version: the release.
        only: names of patches that are applied alone; all by default.
    """
    return _folder_of("built", version, *only)


def _folder_of(kind: str, version: str, *only: str) -> Path:
    """Give a folder that whoever is the first to ask for it fills."""
    name = "-".join((kind, version, *(each.replace("/", ".") for each in only)))
    home = _home()
    folder = home / name
    with _alone(home / f"{name}.lock"):
        if not folder.is_dir():
            unfinished = home / f"{name}.unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            _FILL[kind](unfinished, version, *only)
            unfinished.rename(folder)
    return folder


def _fill_changed(folder: Path, version: str, *only: str) -> None:
    """Write the files that the platform changes and adds, as the build compiles them."""
    words = {"platform": "windows", "vllm": version, **({"only": list(only)} if only else {})}
    plan = make_plan(read_settings(words, real_environment()))
    outcomes = match(plan)
    bad = [one for one in outcomes if not one.status.is_good]
    assert not bad, "\n".join(map(str, bad))
    # That the result passes the build's own checks is for `check`; here others judge it.
    for file in apply_sites(outcomes, plan.artifact, notice=_notice(plan)):
        _write(folder / file.path, file.after)


def _fill_stock(folder: Path, version: str) -> None:
    pristine = tree(version)
    for path in pristine:
        _write(folder / path, pristine.read(path))


def _fill_built(folder: Path, version: str, *only: str) -> None:
    shutil.copytree(_folder_of("stock", version), folder, dirs_exist_ok=True, symlinks=True)
    shutil.copytree(_folder_of("changed", version, *only), folder, dirs_exist_ok=True)


_FILL = {"changed": _fill_changed, "stock": _fill_stock, "built": _fill_built}


@cache
def _home() -> Path:
    given = os.environ.get(SHARED)
    home = Path(given) if given else Path(tempfile.mkdtemp(prefix="wheelwright-windows-"))
    home.mkdir(parents=True, exist_ok=True)
    return home


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


@contextlib.contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
