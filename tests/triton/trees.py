"""The two trees of a release that are compared: upstream's own, and the built wheel's."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from build_hooks.artifact import open_artifact
from build_hooks.fetch import fetch
from build_hooks.lock import LOCK_PATH, read_lock
from build_hooks.settings import read_settings

PACKAGE = "vllm"
READY_MADE = "WHEELWRIGHT_TRITON_TREES"
"""Names a folder with ``RELEASE/stock/vllm`` and ``RELEASE/built/vllm``, to be used as they are."""


@dataclass(frozen=True)
class Trees:
    """The folders of one release's package, before and after."""

    stock: Path
    built: Path


def obtain(release: str, folder: Path) -> Trees:
    """Unpack the locked sdist, build the wheel and unpack that, below a folder of their own."""
    ready_made = os.environ.get(READY_MADE)
    if ready_made:
        home = Path(ready_made) / release
        return Trees(home / "stock" / PACKAGE, home / "built" / PACKAGE)
    return Trees(
        _unpack_sdist(release, folder / release / "stock"),
        _unpack_built_wheel(release, folder / release / "built"),
    )


def _unpack_sdist(release: str, folder: Path) -> Path:
    locked = read_lock(LOCK_PATH).find(PACKAGE, release, "sdist")
    settings = read_settings(None, os.environ)
    sdist = fetch(locked, cache=settings.cache, index=settings.index, offline=settings.offline)
    tree = open_artifact(sdist, unpacked=locked.unpacked)
    for path in tree:
        if path.startswith(f"{PACKAGE}/") and path.endswith(".py"):
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(tree.read(path))
    return folder / PACKAGE


def _unpack_built_wheel(release: str, folder: Path) -> Path:
    """Build as a user does, and unpack what installers would."""
    command = [sys.executable, "-m", "build_hooks", "build", "-p", "musa", "--vllm", release]
    wheels = folder / "wheels"
    subprocess.run([*command, "-o", str(wheels)], check=True)
    (wheel,) = wheels.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if name.endswith(".py")]
        archive.extractall(folder, names)
    return folder / PACKAGE
