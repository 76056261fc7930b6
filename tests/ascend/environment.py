"""Make what the tests of the platform ascend run in.

    python -m tests.ascend.environment FOLDER WHEEL PLUGIN

`FOLDER/env` has torch for the CPU and the wheel's requirements, `FOLDER/patched` the wheel's files,
`FOLDER/stock` the same files with upstream's bytes, and `FOLDER/plugin` the modules of the plugin,
whose sdist `PLUGIN` is. Run again, it reuses an environment whose requirements have not changed.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import tarfile
import zipfile
from pathlib import Path, PurePosixPath

from packaging.utils import parse_wheel_filename

from build_hooks.pipeline import make_plan
from build_hooks.settings import read_settings
from tests.environments import TORCH, new_environment, requirements_of

_PACKAGE = "vllm_ascend"


def main(folder: Path, wheel: Path, plugin: Path) -> None:
    """Make the environment, both trees and the plugin's folder."""
    _install(folder / "env", requirements_of(wheel))
    for name in ("patched", "stock", "plugin"):
        shutil.rmtree(folder / name, ignore_errors=True)
    with zipfile.ZipFile(wheel) as archive:
        for name in ("patched", "stock"):
            archive.extractall(folder / name)  # noqa: S202 - the project has built it
        (member,) = (
            name for name in archive.namelist() if name.endswith("/wheelwright/manifest.json")
        )
        manifest = json.loads(archive.read(member))
    _restore(folder / "stock", manifest["files"], parse_wheel_filename(wheel.name)[1].public)
    _unpack(plugin, folder / "plugin")


def _install(environment: Path, requirements: list[str]) -> None:
    stamp = environment / "requirements.sha256"
    wanted = hashlib.sha256("\n".join([TORCH, *requirements]).encode()).hexdigest()
    if not stamp.is_file() or stamp.read_text() != wanted:
        shutil.rmtree(environment, ignore_errors=True)
        new_environment(environment, requirements)
        stamp.write_text(wanted)


def _restore(folder: Path, files: list[dict[str, str | None]], release: str) -> None:
    upstream = make_plan(read_settings({"vllm": release}, os.environ)).artifact
    for file in files:
        path = str(file["path"])
        if file["sha256_before"] is None:
            (folder / path).unlink()
        else:
            (folder / path).write_bytes(upstream.read(path))


def _unpack(plugin: Path, folder: Path) -> None:
    """Write the plugin's modules; nothing of it is run or installed."""
    with tarfile.open(plugin) as archive:
        for member in archive:
            path = PurePosixPath(*PurePosixPath(member.name).parts[1:])
            if member.isfile() and path.parts[:1] == (_PACKAGE,) and path.suffix == ".py":
                file = archive.extractfile(member)
                if file is None or ".." in path.parts:
                    raise ValueError(f"{plugin} has a file that cannot be read: {member.name}")
                target = folder / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(file.read())


if __name__ == "__main__":
    main(*(Path(word).resolve() for word in sys.argv[1:4]))
